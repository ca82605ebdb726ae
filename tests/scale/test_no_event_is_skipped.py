"""Two processes write under load, one reader follows: what it never sees was skipped.

`SCALE_EVENTS` says how many events. A million: `SCALE_EVENTS=1000000 nox -s soak -- -k skips -s`.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger, ReadOnlyLog
from ledger.domain.identifiers import CaseId, CommandId, InteractionId
from ledger.settings import Settings
from tests.scale.library import CLIENTS_MAX, open_recorder
from tests.scale.writers import Writers

EVENTS = int(os.environ.get("SCALE_EVENTS", "4000"))
WRITERS = 2
CASES = 50
PAGE = 500
ROUNDS_MAX = 10
EVENTS_A_ROUND = 1_000

pytestmark = pytest.mark.timeout(120 + EVENTS // 500)

Read = Callable[[int], Sequence[int]]
Start = Callable[..., Writers]


def follow(read: Read, after: int, *, more_may_come: Callable[[], bool]) -> list[int]:
    """Read what comes after the last position seen, until nothing more may come: as any tailing reader would."""
    seen: list[int] = []
    last = after
    while True:
        final = not more_may_come()
        page = read(last)
        if page:
            seen += page
            last = page[-1]
        elif final:
            return seen
        else:
            sleep(0.001)


def open_cases(ledger: CaseLedger) -> list[UUID]:
    cases = [uuid4() for _ in range(CASES)]
    for asked in (commands.register_authority(), commands.publish_service()):
        ledger.execute(asked, cast.stamp(asked.occurred_at))
    for case in cases:
        asked = replace(
            commands.open_case(), command_id=CommandId(case), interaction_id=InteractionId(case), case_id=CaseId(case)
        )
        assert ledger.execute(asked, cast.stamp(asked.occurred_at)).verdict.refusal is None
    return cases


def test_a_reader_of_the_ledger_skips_no_event(tmp_path: Path, database_url: str, start: Start) -> None:
    settings = Settings(data=tmp_path, database_url=database_url)
    with CaseLedger(settings) as ledger:
        cases = open_cases(ledger)
        head = ledger.head()
    began_s = monotonic()

    with closing(ReadOnlyLog(settings)) as log:
        writers = start([settings] * WRITERS, "contacts", events=EVENTS, about=cases, on_their_way=256)
        seen = follow(
            lambda after: [row.position for row in log.read(after, PAGE)], after=head, more_may_come=writers.run
        )

    rate = len(seen) / (monotonic() - began_s)
    assert writers.exit_codes() == [0] * WRITERS
    assert all(position == expected for position, expected in zip(seen, count(head + 1), strict=False))
    assert len(seen) == EVENTS // WRITERS * WRITERS
    print(f"\nThe ledger's reader missed 0 of {len(seen)} events of {WRITERS} processes, {rate:.0f} a second")


def test_a_reader_of_the_library_with_database_functions_skips_some(
    tmp_path: Path, database_url: str, start: Start
) -> None:
    machine = Settings(data=tmp_path, database_url=database_url)
    skipped = stored = rounds = 0

    with open_recorder(database_url) as recorder:

        def read(after: int) -> list[int]:
            return [event.id for event in recorder.select_notifications(after + 1, PAGE)]

        while not skipped and rounds < ROUNDS_MAX:
            rounds += 1
            writers = start([machine] * WRITERS, "library", events=EVENTS_A_ROUND, on_their_way=CLIENTS_MAX)
            seen = follow(read, after=stored, more_may_come=writers.run)
            assert writers.exit_codes() == [0] * WRITERS
            there = follow(read, after=stored, more_may_come=lambda: False)
            stored, skipped = there[-1], len(there) - len(seen)

    assert skipped > 0
    print(f"\nThe library's reader missed {skipped} of {EVENTS_A_ROUND} events of {WRITERS} processes, round {rounds}")
