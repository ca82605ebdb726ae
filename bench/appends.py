"""Durable appends on SQLite, `synchronous=FULL`: one command loads a case of some twenty events and appends one.

The stock rows use the library as its documentation shows it; the tuned one turns on its cache and turns off
what that cache may do without in a single process.
"""

import asyncio
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import uvloop
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from ledger.application import CaseLedger
from ledger.domain.commands import LedgerCommand, OpenCase, PublishService, RecordInteraction, RegisterAuthority
from ledger.domain.events import Stamp
from ledger.domain.identifiers import CaseId, CitizenRef, CommandId, InteractionId
from ledger.domain.vocabulary import AuthorityKind, Channel, Direction
from ledger.settings import Settings

CASES, EVENTS_BEFORE, CLIENTS = 300, 20, 64
SUMMARY = "L’usagère demande où en est son dossier ; on lui dit quelles pièces manquent encore."
AUTHORITY, SERVICE = "200067254", "cantine"
TUNED = {"AGGREGATE_CACHE_MAXSIZE": "5000", "AGGREGATE_CACHE_FASTFORWARD": "n", "DEEPCOPY_FROM_AGGREGATE_CACHE": "n"}
_FIELDS = {
    "interaction_id": "0192f0c4-5d7e-7c3a-9f2b-6a1d3e5c7b90",
    "channel": "telephone",
    "direction": "in",
    "agent": "pau.accueil.3",
    "summary": SUMMARY,
    "occurred_at": "2026-11-22T10:11:12+00:00",
}


class StockCase(Aggregate):
    """A case as the library's documentation would write it."""

    @event("Opened")
    def __init__(self, citizen: str) -> None:
        self.citizen = citizen
        self.contacts = 0

    @event("InteractionRecorded")
    def record(  # the event's fields
        self, interaction_id: str, channel: str, direction: str, agent: str, summary: str, occurred_at: str
    ) -> None:
        self.contacts += 1


def stock(seconds: float, clients: int, **tuning: str) -> float:
    """Return commands a second of the stock application, its clients being threads."""
    with tempfile.TemporaryDirectory() as folder:
        application = Application[UUID](
            {
                "PERSISTENCE_MODULE": "eventsourcing.sqlite",
                "SQLITE_DBNAME": f"{folder}/stock.db",
                "SQLITE_LOCK_TIMEOUT": "60",
                **tuning,
            }
        )
        ids = [_open_stock_case(application) for _ in range(CASES)]

        def client(rank: int, stop_at: float) -> int:
            mine, done = ids[rank::clients], 0
            while time.perf_counter() < stop_at:
                case: StockCase = application.repository.get(mine[done % len(mine)])
                case.record(**_FIELDS)
                application.save(case)
                done += 1
            return done

        try:
            return _in_threads(client, clients, seconds)
        finally:
            application.close()


def _open_stock_case(application: Application[UUID]) -> UUID:
    case = StockCase(citizen=str(uuid4()))
    for _ in range(EVENTS_BEFORE):
        case.record(**_FIELDS)
    application.save(case)
    return case.id


def _in_threads(client: Callable[[int, float], int], clients: int, seconds: float) -> float:
    done: list[int] = []
    started = time.perf_counter()
    threads = [
        threading.Thread(target=lambda rank=rank: done.append(client(rank, started + seconds)))
        for rank in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - started)


def ours(seconds: float, clients: int) -> float:
    """Return commands a second of the ledger, sealing, command log and metadata on; its clients are coroutines."""
    with tempfile.TemporaryDirectory() as folder, CaseLedger(Settings(data=Path(folder))) as ledger:
        cases = _open_our_cases(ledger)
        return uvloop.run(_our_clients(ledger, cases, clients, seconds))


async def _our_clients(ledger: CaseLedger, cases: list[CaseId], clients: int, seconds: float) -> float:
    started = time.perf_counter()

    async def client(rank: int) -> int:
        mine, done = cases[rank::clients], 0
        while time.perf_counter() < started + seconds:
            answer = await ledger.submit_async(a_contact(mine[done % len(mine)]), a_stamp())
            if answer.verdict.code:
                raise RuntimeError(answer.verdict.code)
            done += 1
        return done

    done = sum(await asyncio.gather(*[client(rank) for rank in range(clients)]))
    return done / (time.perf_counter() - started)


def bulk(events: int) -> float:
    """Return events a second when commands are handed in without waiting for each: an import."""
    with tempfile.TemporaryDirectory() as folder, CaseLedger(Settings(data=Path(folder))) as ledger:
        cases = _open_our_cases(ledger)
        commands = [a_contact(cases[rank % CASES]) for rank in range(events)]
        stamp = a_stamp()
        started = time.perf_counter()
        answers = [ledger.submit(command, stamp) for command in commands]
        answers[-1].result()  # groups keep their order: all before the last are durable too
        elapsed = time.perf_counter() - started
        if any(answer.result().verdict.code for answer in answers):
            raise RuntimeError("a command of the import was refused")
        return events / elapsed


def raw(seconds: float, batch: int) -> float:
    """Return rows a second of plain SQLite at the same durability, in batches: the ceiling."""
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(f"{folder}/raw.db", isolation_level=None)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
            database.execute(statement)
        database.execute(
            "CREATE TABLE e(id INTEGER PRIMARY KEY, stream BLOB, version INTEGER, topic TEXT, state BLOB, "
            "UNIQUE(stream, version))"
        )
        streams, state, done, started = [uuid4().bytes for _ in range(1000)], b"x" * 400, 0, time.perf_counter()
        while time.perf_counter() < started + seconds:
            database.execute("BEGIN IMMEDIATE")
            rows = [(streams[(done + n) % 1000], (done + n) // 1000, "t", state) for n in range(batch)]
            database.executemany("INSERT INTO e(stream, version, topic, state) VALUES (?,?,?,?)", rows)
            database.execute("COMMIT")
            done += batch
        return done / (time.perf_counter() - started)


def _open_our_cases(ledger: CaseLedger) -> list[CaseId]:
    cases = [CaseId(uuid4()) for _ in range(CASES)]
    before: list[LedgerCommand] = [
        RegisterAuthority(**_header(), authority=AUTHORITY, name="CA Pau Béarn Pyrénées", kind=AuthorityKind.EPCI),
        PublishService(**_header(), authority=AUTHORITY, service=SERVICE, name="Cantine"),
        *(
            OpenCase(
                **_header(),
                case_id=case,
                authority=AUTHORITY,
                service=SERVICE,
                channel=Channel.COUNTER,
                interaction_id=InteractionId(uuid4()),
                citizen=CitizenRef(uuid4()),
                summary=SUMMARY,
            )
            for case in cases
        ),
        *(a_contact(case) for case in cases for _ in range(EVENTS_BEFORE - 2)),
    ]
    for answer in [ledger.submit(command, a_stamp()) for command in before]:
        answer.result()
    return cases


def a_contact(case: CaseId) -> RecordInteraction:
    """Return the command that every row of ours repeats."""
    return RecordInteraction(
        **_header(),
        case_id=case,
        interaction_id=InteractionId(uuid4()),
        channel=Channel.TELEPHONE,
        direction=Direction.IN,
        summary=SUMMARY,
    )


def a_stamp() -> Stamp:
    """Return who records, now."""
    return Stamp(by="pau.accueil.3", recorded_at=datetime.now(UTC))


def _header() -> dict[str, object]:
    return {"command_id": CommandId(uuid4()), "occurred_at": datetime.now(UTC)}
