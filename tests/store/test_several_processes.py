import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from uuid import UUID, uuid4

import msgspec
import pytest
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger, ReadOnlyLog
from ledger.domain.commands import LedgerCommand
from ledger.domain.identifiers import CaseId, InteractionId
from ledger.settings import Settings

SOURCES = Path(__file__).parents[2]
EVENTS_EACH = 5_000
PATIENCE_S = 60


class Writer:
    """A process that writes, and what it said was durable."""

    def __init__(self, settings: Settings, output: Path, cases: list[UUID], *, seed: int, count: int) -> None:
        task = {
            "data": str(settings.data),
            "database_url": settings.database_url,
            "cases": cases,
            "seed": seed,
            "commands": count,
            "window": 200,
        }
        program = Path(__file__).with_name("writer_process.py")
        self.output = output
        with output.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, program, msgspec.json.encode(task).decode()],
                env={**os.environ, "PYTHONPATH": str(SOURCES)},
                stdout=file,
            )

    def runs(self) -> bool:
        return self.process.poll() is None

    def told(self) -> dict[UUID, int]:
        """The accepted commands and their positions; the last line of a killed writer may be cut."""
        lines = [line.split() for line in self.output.read_text().splitlines() if line.endswith("accepted")]
        return {UUID(command): int(position) for command, position, _ in lines}


Start = Callable[..., Writer]


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Iterator[Start]:
    """Start a writer on the ledger of the test."""
    started: list[Writer] = []

    def start_one(cases: list[UUID], **wanted: int) -> Writer:
        started.append(Writer(settings, tmp_path / f"told-{len(started)}", cases, **wanted))
        return started[-1]

    yield start_one
    for writer in started:
        writer.process.kill()
        writer.process.wait()


def open_cases(ledger: CaseLedger, count: int) -> list[UUID]:
    cases = [uuid4() for _ in range(count)]
    asked: list[LedgerCommand] = [commands.register_authority(), commands.publish_service()]
    asked += [
        replace(
            commands.open_case(),
            command_id=cast.command_id(str(case)),
            interaction_id=InteractionId(case),
            case_id=CaseId(case),
        )
        for case in cases
    ]
    for reply in [ledger.submit(command, cast.stamp(command.occurred_at)) for command in asked]:
        assert reply.result(PATIENCE_S).verdict.refusal is None
    return cases


def test_a_tailing_reader_skips_nothing_of_two_writers_at_once(
    settings: Settings, reopen: Callable[[], CaseLedger], start: Start
) -> None:
    with reopen() as ledger:
        cases = open_cases(ledger, 20)
        head = ledger.head()
    writers = [start(cases, seed=seed, count=EVENTS_EACH) for seed in (1, 2)]
    log = ReadOnlyLog(settings)
    positions: list[int] = []
    versions: Counter[UUID] = Counter()

    while len(positions) < head + 2 * EVENTS_EACH:
        running = any(writer.runs() for writer in writers)
        page = log.read(len(positions), 500)
        positions += [row.position for row in page]
        versions.update(row.metadata.subject for row in page if row.metadata.subject)
        assert page or running, "a writer stopped early"
        assert positions == [] or positions[-1] == len(positions)
        sleep(0.001)
    log.close()

    assert [writer.process.wait(PATIENCE_S) for writer in writers] == [0, 0]
    assert positions == list(range(1, head + 2 * EVENTS_EACH + 1))
    answered = [position for writer in writers for position in writer.told().values()]
    assert sorted(answered) == positions[head:]
    with reopen() as ledger:
        for case in cases:
            history = [recorded.originator_version for recorded in ledger.history(case)]
            assert history == list(range(1, versions[case] + 1))


def test_all_that_a_killed_writer_answered_is_there(reopen: Callable[[], CaseLedger], start: Start) -> None:
    with reopen() as ledger:
        cases = open_cases(ledger, 5)
        head = ledger.head()
    writer = start(cases, seed=3, count=1_000_000)
    while len(writer.told()) < 1_000:
        assert writer.runs()
        sleep(0.01)

    writer.process.kill()

    writer.process.wait(PATIENCE_S)
    answered = writer.told()
    with reopen() as ledger:
        rows = ledger.read(0, 1_000_000)
        kept = {row.metadata.command_id: row.position for row in rows}
        assert answered.items() <= kept.items()
        assert [row.position for row in rows] == list(range(1, len(rows) + 1))
        assert ledger.head() == len(rows) >= head + len(answered)
        go_on = replace(commands.assign_case(), case_id=CaseId(cases[0]))
        assert ledger.execute(go_on, cast.stamp(go_on.occurred_at)).verdict.position == len(rows) + 1


def test_several_processes_may_open_a_new_ledger_at_once(reopen: Callable[[], CaseLedger], start: Start) -> None:
    writers = [start([uuid4()], seed=seed, count=1) for seed in range(4)]

    codes = [writer.process.wait(PATIENCE_S) for writer in writers]

    assert codes == [0, 0, 0, 0]
    assert all("unknown-case" in writer.output.read_text() for writer in writers)
    assert reopen().head() == 0
