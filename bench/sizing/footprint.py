"""What one event takes on disk, in the ledger and in each copy that is made of it, from a small ledger made for it.

Sizes do not depend on what else a machine does, so they are measured once and kept, unlike rates.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvloop
from msgspec import Struct

from bench import servers
from bench.contacts import AUTHORITY, SERVICE, SUMMARY, a_publication, a_registration, take
from bench.programs.relay_ours import relayed
from labkit.backup.taking import Wanted, backup
from labkit.rebuild import rebuild
from ledger.application import CaseLedger, ReadOnlyLog
from ledger.domain.commands import (
    AssignCase,
    CloseCase,
    DecideCase,
    LedgerCommand,
    OpenCase,
    RecordInteraction,
    RecordStep,
)
from ledger.domain.identifiers import CaseId, CitizenRef, CommandId, InteractionId, StepId
from ledger.domain.vocabulary import Channel, ClosingReason, Direction, Outcome
from ledger.publishing.jetstream import STREAM, connect
from ledger.settings import Settings
from ledger.store.identities import new_id

CASES, CASES_AT_ONCE = 5_000, 500
_AGENT, _UNIT = "pau.accueil.3", "Service de la restauration scolaire"


class Footprint(Struct, frozen=True, kw_only=True):
    """Bytes an event, each copy by itself."""

    events: int
    citizens: int
    text_characters: int
    ledger: float
    keys: float
    stream: float
    views: float
    backup: float


def measured_footprint(text_characters: int, *, cases: int = CASES) -> Footprint:
    """Make a ledger of whole cases, each of a citizen of its own, and weigh everything that holds its events."""
    with servers.scratch() as folder:
        settings = Settings(data=folder / "data")
        with CaseLedger(settings) as ledger:
            _fill(ledger, cases, _text(text_characters))
            events = ledger.head()
        for database in (settings.ledger_file, settings.vault_file):
            _settle(database)
        rebuild(settings.data, (), "log")
        copied = backup(Wanted(data=settings.data, target=folder / "copy", keys=folder / "keys"), lambda *_: None)
        return Footprint(
            events=events,
            citizens=cases,
            text_characters=text_characters,
            ledger=_bytes(settings.ledger_file) / events,
            keys=_bytes(settings.vault_file) / events,
            stream=_stream_bytes(settings) / events,
            views=_bytes(settings.data / "views") / events,
            backup=copied.size_bytes / events,
        )


def _fill(ledger: CaseLedger, cases: int, text: str) -> None:
    take(ledger, [a_registration(), a_publication()])
    for first in range(0, cases, CASES_AT_ONCE):
        take(
            ledger, [command for _ in range(first, min(first + CASES_AT_ONCE, cases)) for command in _whole_case(text)]
        )


def _whole_case(text: str) -> Iterator[LedgerCommand]:
    """Yield a case from its opening to its end: two contacts among eight events."""
    case = CaseId(new_id())
    yield OpenCase(
        **_header(case),
        authority=AUTHORITY,
        service=SERVICE,
        channel=Channel.WEB,
        interaction_id=InteractionId(new_id()),
        citizen=CitizenRef(uuid4()),
        unit=_UNIT,
        title=text[:60],
        summary=text,
    )
    yield AssignCase(**_header(case), agent=_AGENT, unit=_UNIT)
    yield RecordStep(**_header(case), step_id=StepId(new_id()), activity="Pièces vérifiées", agent=_AGENT, unit=_UNIT)
    yield RecordStep(**_header(case), step_id=StepId(new_id()), activity="Décision rédigée", agent=_AGENT, unit=_UNIT)
    yield DecideCase(**_header(case), outcome=Outcome.GRANTED, grounds=text)
    yield RecordInteraction(
        **_header(case),
        interaction_id=InteractionId(new_id()),
        channel=Channel.EMAIL,
        direction=Direction.OUT,
        summary=text,
    )
    yield CloseCase(**_header(case), reason=ClosingReason.COMPLETED)


def _text(characters: int) -> str:
    return (f"{SUMMARY} " * (characters // len(SUMMARY) + 1))[:characters]


def _header(case: CaseId) -> dict[str, Any]:
    return {"command_id": CommandId(new_id()), "occurred_at": datetime.now(UTC), "case_id": case}


def _settle(database: Path) -> None:
    """Bring into the file what its write-ahead log still holds."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _stream_bytes(settings: Settings) -> int:
    with servers.nats() as url, closing(ReadOnlyLog(settings)) as log:
        uvloop.run(relayed(url, log))
        return uvloop.run(_stored(url))


async def _stored(url: str) -> int:
    client = await connect(url, "bench-footprint", attempts=10, wait_s=0.1)
    try:
        return (await client.jetstream().stream_info(STREAM)).state.bytes
    finally:
        await client.close()


def _bytes(place: Path) -> int:
    return sum(file.stat().st_size for file in (place.rglob("*") if place.is_dir() else [place]) if file.is_file())
