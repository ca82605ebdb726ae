"""A log reaches the ledger whole, once, whatever happens on the way."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labkit.client import COMMANDS_MAX, Client
from labkit.failures import BrokenXes, NothingRunning, RequestRefused, StorageFailed
from labkit.imports.cases import read_log
from labkit.imports.mapping import read_mapping
from labkit.imports.sending import COMMANDS_IN_A_REQUEST, ImportSummary, requests_of, send_log
from ledger.domain.commands import CaseCommand, LedgerCommand
from ledger.domain.events import CaseClosed, CaseOpened, InteractionRecorded, StepRecorded

if TYPE_CHECKING:
    from tests.lab.conftest import FakeInstance

EVENT = (
    '<event><string key="concept:name" value="Step"/><date key="time:timestamp" value="2024-03-01T09:00:00Z"/></event>'
)


def a_log(tmp_path: Path, cases: int, *, events: int = 3, ending: str = "</log>") -> Path:
    traces = (
        f'<trace><string key="concept:name" value="case-{rank}"/>{EVENT * events}</trace>\n' for rank in range(cases)
    )
    file = tmp_path / "log.xes"
    file.write_text(f"<log>{''.join(traces)}{ending}", "utf-8")
    return file


def sent(log: Path, instance: "FakeInstance", *, attempts_max: int = 3) -> ImportSummary:
    summary = ImportSummary()
    client = Client(instance.url, attempts_max=attempts_max, sleep=lambda _: None)
    send_log(read_log(log, read_mapping()), client, summary)
    return summary


def test_a_log_is_sent_and_counted(tmp_path: Path, instance: "FakeInstance") -> None:
    summary = sent(a_log(tmp_path, 10), instance)
    assert (summary.cases, summary.accepted, summary.unchanged, summary.refused) == (10, 42, 0, 0)
    assert summary.position == len(instance.events) == 2 + 10 * 5


def test_sending_a_log_again_changes_nothing(tmp_path: Path, instance: "FakeInstance") -> None:
    first = sent(a_log(tmp_path, 10), instance)
    again = sent(a_log(tmp_path, 10), instance)
    assert (again.cases, again.accepted, again.unchanged) == (10, 0, 42)
    assert again.position == first.position


def test_a_case_is_never_split_between_requests(tmp_path: Path, instance: "FakeInstance") -> None:
    sent(a_log(tmp_path, 300), instance)
    seen: set[object] = set()
    for request in instance.requests:
        cases = {command.case_id for command in request if isinstance(command, CaseCommand)}
        assert not cases & seen
        assert len(request) <= COMMANDS_IN_A_REQUEST
        seen |= cases


def test_a_case_longer_than_a_request_is_split_in_order(tmp_path: Path) -> None:
    told = list(read_log(a_log(tmp_path, 1, events=2500), read_mapping()))
    requests = list(requests_of(told))
    assert [len(request) for request in requests] == [2, COMMANDS_MAX, COMMANDS_MAX, 501]
    assert [command for request in requests for command in request] == [c for case in told for c in case]


def test_an_answer_that_was_lost_is_asked_for_again(tmp_path: Path, instance: "FakeInstance") -> None:
    instance.lose_answers = 2
    summary = sent(a_log(tmp_path, 10), instance)
    assert (summary.cases, len(instance.events)) == (10, 52)
    assert len(instance.requests) == 3


def test_patience_is_bounded(tmp_path: Path, instance: "FakeInstance") -> None:
    instance.lose_answers = 100
    with pytest.raises(NothingRunning):
        sent(a_log(tmp_path, 1), instance)
    assert len(instance.requests) == 3


def test_a_busy_instance_is_asked_again(tmp_path: Path, instance: "FakeInstance") -> None:
    instance.answer_with = [(503, {"title": "busy", "detail": "in a moment"})]
    assert sent(a_log(tmp_path, 1), instance).cases == 1


def test_a_full_disk_stops_the_import_and_says_so(tmp_path: Path, instance: "FakeInstance") -> None:
    instance.answer_with = [(507, {"title": "disk full", "detail": "free some space"})]
    with pytest.raises(StorageFailed, match="free some space"):
        sent(a_log(tmp_path, 1), instance)


def test_a_request_that_is_refused_whole_says_why(tmp_path: Path, instance: "FakeInstance") -> None:
    instance.answer_with = [(422, {"title": "invalid command", "detail": "no such field"})]
    with pytest.raises(RequestRefused, match="no such field"):
        sent(a_log(tmp_path, 1), instance)


def test_refusals_are_counted_and_the_first_ones_shown(tmp_path: Path, instance: "FakeInstance") -> None:
    log = a_log(tmp_path, 3)
    told = list(read_log(log, read_mapping()))[2:]
    summary = ImportSummary()
    send_log(told, Client(instance.url), summary)
    assert (summary.cases, summary.refused) == (0, 8)
    assert "not registered" in str(summary.refusals[0])


def test_what_came_before_a_break_is_in_the_ledger(tmp_path: Path, instance: "FakeInstance") -> None:
    broken = a_log(tmp_path, 5, ending="<trace><string key=")
    with pytest.raises(BrokenXes):
        sent(broken, instance)
    assert sum(isinstance(event, CaseOpened) for event in instance.events) == 5


def test_a_mended_log_doubles_nothing(tmp_path: Path, instance: "FakeInstance") -> None:
    with pytest.raises(BrokenXes):
        sent(a_log(tmp_path, 5, ending="<trace><string key="), instance)
    summary = sent(a_log(tmp_path, 8), instance)
    assert (summary.cases, summary.accepted, summary.unchanged) == (8, 12, 22)
    assert sum(isinstance(event, CaseOpened) for event in instance.events) == 8


def test_progress_is_told_after_every_request(tmp_path: Path, instance: "FakeInstance") -> None:
    positions: list[int] = []
    told = read_log(a_log(tmp_path, 300), read_mapping())
    send_log(told, Client(instance.url), ImportSummary(), lambda now: positions.append(now.position))
    assert len(positions) == len(instance.requests) == 3
    assert positions == sorted(positions)


def test_the_real_log_leaves_the_events_that_were_counted(receipt_log: Path, instance: "FakeInstance") -> None:
    summary = sent(receipt_log, instance)
    events = instance.events
    assert (summary.cases, summary.refused) == (1434, 0)
    assert sum(isinstance(event, CaseOpened) for event in events) == 1434
    assert sum(isinstance(event, InteractionRecorded) for event in events) == 1434
    assert sum(isinstance(event, StepRecorded) for event in events) == 8577
    assert sum(isinstance(event, CaseClosed) for event in events) == 1329


def test_a_request_holds_commands_of_the_ledger(tmp_path: Path, instance: "FakeInstance") -> None:
    sent(a_log(tmp_path, 1), instance)
    told: list[LedgerCommand] = [command for case in read_log(a_log(tmp_path, 1), read_mapping()) for command in case]
    assert instance.requests == [told]
