"""What leaves is read by tools that are not ours: pm4py for OCEL and XES, DuckDB for Parquet."""

import json
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from labkit.controls import cast, events
from labkit.exports.exporting import Wanted, Write, export_log
from labkit.exports.ocel import write_json
from labkit.exports.ocel_sqlite import write_sqlite
from labkit.exports.parquet import write_parquet
from labkit.exports.reading import Log
from labkit.exports.xes import write_xes
from labkit.imports.cases import read_log
from labkit.imports.mapping import read_mapping
from labkit.imports.ocel import read_ocel
from labkit.imports.xes import Trace, read_traces
from ledger.domain.commands import CaseCommand, CloseCase, LedgerCommand, OpenCase, RecordStep
from ledger.settings import SOURCE_DEFAULT
from tests.faults.logs import invented_log
from tests.lab.ledgers import ListLog, a_decided_log, a_whole_log

REAL_LOG = Path(__file__).parents[2].parent / "shared" / "data" / "receipt.xes.gz"
READER = Path(__file__).with_name("reading_with_pm4py.py")
CASES, STEPS, ACTIVITIES, AGENTS, VARIANTS, CLOSED = 1_434, 8_577, 27, 48, 116, 1_329
CHANNELS = [["Desk", "counter"], ["Intern", "internal"], ["Internet", "web"], ["Post", "post"], ["e-mail", "email"]]
# What the ledger has no place for, or reads elsewhere: see the guide.
LEFT_OUT = [
    "case:enddate_planned",
    "case:group",
    "case:responsible",
    "case:startdate",
    "concept:instance",
]
WRITERS: dict[str, Write] = {
    "log.jsonocel": write_json,
    "log.sqlite": write_sqlite,
    "log.xes.gz": partial(write_xes, source=SOURCE_DEFAULT),
}
needs_pm4py = pytest.mark.skipif(find_spec("pm4py") is None, reason="pm4py, of the group tests, is not installed")
needs_duckdb = pytest.mark.skipif(
    not (find_spec("duckdb") and find_spec("pyarrow")), reason="duckdb, of the group tests, or pyarrow is not installed"
)
needs_the_real_log = pytest.mark.skipif(
    not REAL_LOG.exists(), reason="the real log is not at ../shared/data/receipt.xes.gz"
)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log that is imported: the real one where it is at hand, else one of its shape."""
    return REAL_LOG if REAL_LOG.exists() else invented_log(tmp_path_factory.mktemp("log"), seed=1, cases=60).path


@pytest.fixture(scope="module")
def ledger(imported: Path) -> ListLog:
    """The ledger after the import."""
    return a_decided_log(command for told in read_log(imported, read_mapping()) for command in told)


@pytest.fixture(scope="module")
def folder(ledger: ListLog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was exported of it."""
    return all_forms(ledger, tmp_path_factory.mktemp("exported"))


@pytest.fixture(scope="module")
def found(folder: Path, imported: Path) -> dict[str, Any]:
    """What pm4py found there, and what it wrote."""
    return read_by_pm4py(folder, imported)


def all_forms(log: Log, folder: Path) -> Path:
    for name, write in WRITERS.items():
        export_log(log, Wanted(form="ocel", file=folder / name), write)
    return folder


def read_by_pm4py(*arguments: Path) -> dict[str, Any]:
    ended = subprocess.run([sys.executable, READER, *arguments], capture_output=True, check=False, encoding="utf-8")
    assert ended.returncode == 0, ended.stderr
    answer: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return answer


def by_reference(commands: list[LedgerCommand]) -> dict[str | None, list[tuple[object, ...]]]:
    """What commands tell of each case, to the second: some tools keep no more."""
    names: dict[object, str | None] = {}
    told: dict[str | None, list[tuple[object, ...]]] = {}
    for command in commands:
        if not isinstance(command, CaseCommand):
            continue
        second = int(command.occurred_at.timestamp())
        match command:
            case OpenCase():
                names[command.case_id] = command.reference
                deadline = command.deadline and int(command.deadline.timestamp())
                told[command.reference] = [(second, command.channel, command.unit, deadline)]
            case RecordStep():
                step = (second, command.activity, command.agent, command.unit)
                told[names[command.case_id]].append(step)
            case CloseCase():
                told[names[command.case_id]].append((second, command.reason))
    return told


def commands_in(told: Any) -> list[LedgerCommand]:
    return [command for commands in told for command in commands]


@needs_pm4py
@needs_the_real_log
def test_pm4py_finds_the_real_cases_steps_and_activities_in_the_ocel_log(found: dict[str, Any]) -> None:
    log = found["log.jsonocel"]
    assert (log["objects"]["case"], log["events"]["step-recorded.v1"], log["agents"]) == (CASES, STEPS, AGENTS)
    assert log["events"]["case-closed.v1"] == CLOSED
    assert len(log["activities"]) == ACTIVITIES
    assert log["activities"] == found["log.xes.gz"]["activities"]
    assert (log["first"], log["last"]) == ("2010-10-02T07:20:39.266000+00:00", "2012-01-23T14:42:54.644000+00:00")


@needs_pm4py
@needs_the_real_log
def test_pm4py_finds_the_real_log_in_the_xes_log(found: dict[str, Any]) -> None:
    log = found["log.xes.gz"]
    assert (log["cases"], log["events"], log["variants"]) == (CASES, STEPS, VARIANTS)
    assert len(log["activities"]) == ACTIVITIES


@needs_pm4py
def test_pm4py_finds_no_difference_between_what_came_in_and_what_goes_out(found: dict[str, Any]) -> None:
    assert found["differences"]["differing"] == []
    if REAL_LOG.exists():
        assert found["differences"]["left_out"] == LEFT_OUT
        assert found["differences"]["channels"] == sorted(CHANNELS)


@needs_pm4py
def test_both_forms_of_ocel_say_the_same_to_pm4py_and_break_no_rule_of_it(found: dict[str, Any]) -> None:
    assert found["log.jsonocel"] == found["log.sqlite"]
    assert found["unsatisfied"] == []


@needs_pm4py
def test_an_ocel_log_of_ours_or_of_pm4py_is_imported_as_the_xes_log_was(
    found: dict[str, Any], folder: Path, imported: Path
) -> None:
    given = by_reference(commands_in(read_log(imported, read_mapping())))
    for name in ("log.jsonocel", "log.sqlite", "theirs.jsonocel", "theirs.sqlite"):
        assert by_reference(commands_in(read_ocel(folder / name, read_mapping(of="ocel")))) == given, name


def test_what_goes_out_equals_what_came_in_case_by_case(folder: Path, imported: Path) -> None:
    given, out = (list(read_traces(path)) for path in (imported, folder / "log.xes.gz"))
    kept = ("department", "deadline", "enddate")
    assert [trace.name for trace in out] == [trace.name for trace in given]
    for ours, theirs in zip(out, given, strict=True):
        assert [ours.attributes.get(key) for key in kept] == [theirs.attributes.get(key) for key in kept]
        assert steps(ours) == sorted(steps(theirs), key=lambda step: step[0])


def steps(trace: Trace) -> list[tuple[Any, ...]]:
    """What is kept of the events of a trace, with the zones of their times."""
    keys = ("time:timestamp", "concept:name", "org:resource", "org:group")
    told = [tuple(event.attributes.get(key) for key in keys) for event in trace.events]
    return [(*step, step[0].utcoffset()) for step in told]


@needs_duckdb
def test_duckdb_counts_the_same_in_parquet(ledger: ListLog, tmp_path: Path) -> None:
    import duckdb  # noqa: PLC0415  # half a second, and only where it is installed

    file = tmp_path / "log.parquet"
    summary = export_log(ledger, Wanted(form="parquet", file=file), write_parquet)
    counted = duckdb.sql(f"""
        SELECT count(*), count(DISTINCT case_id), count(activity), count(DISTINCT activity), count(DISTINCT agent),
            max(position), min(event) FILTER (position = 1)
        FROM '{file}'""").fetchall()[0]
    assert not REAL_LOG.exists() or counted[1:5] == (CASES, STEPS, ACTIVITIES, AGENTS)
    assert (counted[0], counted[5], counted[6]) == (summary.events, ledger.head(), "authority-registered.v1")


@needs_duckdb
def test_duckdb_reads_every_kind_of_event_with_its_types_and_nothing_personal(tmp_path: Path) -> None:
    import duckdb  # noqa: PLC0415  # as above

    file = tmp_path / "log.parquet"
    export_log(a_whole_log(), Wanted(form="parquet", file=file), write_parquet)
    rows = duckdb.sql(f"FROM '{file}'").fetchall()
    assert "sealed:" not in str(rows)
    assert "Lafourcade" not in str(rows)
    told = duckdb.sql(f"""
        SELECT event, occurred_at, utc_offset_minutes, complete, corrected_channel, facts->>'$.portions',
            json_array_length(attachments), citizen
        FROM '{file}' ORDER BY position""").fetchall()
    by_event = {row[0]: row[1:] for row in told}
    assert by_event["case-closed.v1"][0] == events.case_closed().occurred_at
    assert by_event["documents-received.v1"][2] is events.documents_received().complete
    assert by_event["interaction-corrected.v1"][3] == events.interaction_corrected().channel
    assert by_event["document-attached.v1"][5] == 1
    assert by_event["citizen-forgotten.v1"][6] == str(cast.CITIZEN)
