"""A ledger leaves whole or not at all, in a form that other tools know, and without anything personal."""

import gzip
import json
import sqlite3
import tracemalloc
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from msgspec.structs import replace

from labkit.cli import main
from labkit.controls import cast, commands, events, histories
from labkit.exit_codes import ExitCode
from labkit.exports.exporting import ENDINGS, ExportSummary, Wanted, Write, export_log
from labkit.exports.failures import ExportExists, NotExported, UnreadableEvent
from labkit.exports.ocel import write_json
from labkit.exports.ocel_sqlite import write_sqlite
from labkit.exports.parquet import columns, write_parquet
from labkit.exports.reading import Log, Recorded, events_of
from labkit.exports.telling import OBJECT_TYPES, attribute_sorts, public_attributes, tell
from labkit.exports.xes import write_xes
from labkit.imports.xes import Trace, read_traces
from ledger.application import CaseLedger
from ledger.domain.citizen import personal_fields
from ledger.domain.events import EVENTS, CaseClosed, Event, LedgerEvent, Stamp, tag_of
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import ClosingReason
from ledger.settings import SOURCE_DEFAULT, Settings
from tests.lab.ledgers import ListLog, LongLog, a_log, a_whole_log

PERSONAL = ("sealed:", "Lafourcade", "06 39", "05 36")
HELD_BYTES_MAX = 3_500_000

# The shape of https://www.ocel-standard.org/2.0/ocel20-schema-json.json, stricter: nothing but what it names.
_NAMED = {"type": "object", "required": ["name", "attributes"], "additionalProperties": False}
_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
_TYPES = {
    "type": "array",
    "items": _NAMED
    | {
        "properties": {
            "name": _TEXT,
            "attributes": {
                "type": "array",
                "items": {
                    "required": ["name", "type"],
                    "properties": {"name": _TEXT, "type": {"enum": ["string", "time", "integer", "float", "boolean"]}},
                    "additionalProperties": False,
                },
            },
        }
    },
}


def _items(required: list[str], attribute: list[str]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "id": _TEXT,
        "type": _TEXT,
        "time": _MOMENT,
        "attributes": {
            "type": "array",
            "items": {
                "required": attribute,
                "properties": {"name": _TEXT, "value": _TEXT, "time": _MOMENT},
                "additionalProperties": False,
            },
        },
        "relationships": {
            "type": "array",
            "items": {
                "required": ["objectId", "qualifier"],
                "properties": {"objectId": _TEXT, "qualifier": _TEXT},
                "additionalProperties": False,
            },
        },
    }
    item = {"type": "object", "required": required, "properties": properties, "additionalProperties": False}
    return {"type": "array", "items": item}


OCEL_SCHEMA = {
    "type": "object",
    "required": ["eventTypes", "objectTypes", "events", "objects"],
    "additionalProperties": False,
    "properties": {
        "eventTypes": _TYPES,
        "objectTypes": _TYPES,
        "events": _items(["id", "type", "time"], ["name", "value"]),
        "objects": _items(["id", "type"], ["name", "value", "time"]),
    },
}

to_xes = partial(write_xes, source=SOURCE_DEFAULT)
all_to_xes = partial(write_xes, source=SOURCE_DEFAULT, chosen="all")


def exported(log: Log, file: Path, write: Write, *, force: bool = False) -> ExportSummary:
    return export_log(log, Wanted(form="ocel", file=file, force=force), write)


def ocel_of(log: Log, folder: Path) -> dict[str, Any]:
    exported(log, folder / "log.jsonocel", write_json)
    document: dict[str, Any] = json.loads((folder / "log.jsonocel").read_bytes())
    return document


def traces_of(log: Log, folder: Path, write: Write = to_xes) -> list[Trace]:
    exported(log, folder / "log.xes", write)
    return list(read_traces(folder / "log.xes"))


def recorded(log: Log) -> list[Recorded]:
    return list(events_of(log))


def named(attributes: list[dict[str, str]]) -> dict[str, str]:
    """The last value of each attribute."""
    return {attribute["name"]: attribute["value"] for attribute in attributes}


@pytest.mark.parametrize("kind", EVENTS)
def test_no_attribute_of_an_event_is_personal(kind: type[Event]) -> None:
    assert not set(attribute_sorts(kind)) & set(personal_fields(kind))
    assert not set(columns()) & {"title", "summary", "contact", "content", "grounds"}


@pytest.mark.parametrize("event", histories.an_event_of_every_kind(), ids=tag_of)
def test_all_that_is_public_in_an_event_is_told_by_its_type(event: LedgerEvent) -> None:
    sorts = attribute_sorts(type(event))
    types = {"string": str, "integer": int, "float": float, "boolean": bool, "time": datetime}
    for name, value in public_attributes(event).items():
        assert isinstance(value, types[sorts[name]])


def test_every_kind_of_event_and_of_object_is_in_the_whole_story() -> None:
    told = [tell(one) for one in recorded(a_whole_log())]
    assert {one.type for one in told} == {tag_of(event) for event in histories.an_event_of_every_kind()}
    mentioned = [mention for one in told for mention in one.mentions]
    assert {mention.type for mention in mentioned} == set(OBJECT_TYPES)
    assert all(set(mention.attributes) <= set(OBJECT_TYPES[mention.type]) for mention in mentioned)


@pytest.mark.parametrize("write", [write_json, write_sqlite, to_xes, all_to_xes])
def test_nothing_personal_leaves_sealed_or_not(tmp_path: Path, write: Write) -> None:
    exported(a_whole_log(), tmp_path / "log", write)
    content = (tmp_path / "log").read_bytes().decode(errors="replace")
    assert not [text for text in PERSONAL if text in content]


def test_the_json_is_what_the_standard_asks(tmp_path: Path) -> None:
    validator = Draft202012Validator(OCEL_SCHEMA, format_checker=FormatChecker())
    document = ocel_of(a_whole_log(), tmp_path)
    assert [error.message for error in validator.iter_errors(document)] == []


def test_everything_that_the_json_names_is_in_it(tmp_path: Path) -> None:
    document = ocel_of(a_whole_log(), tmp_path)
    objects = {one["id"] for one in document["objects"]}
    items = [*document["events"], *document["objects"]]
    assert len(objects) == len(document["objects"])
    assert {related["objectId"] for item in items for related in item["relationships"]} <= objects
    for kinds, kind in ((document["eventTypes"], "events"), (document["objectTypes"], "objects")):
        known = {one["name"]: {attribute["name"] for attribute in one["attributes"]} for one in kinds}
        assert all(set(named(item["attributes"])) <= known[item["type"]] for item in document[kind])


def test_an_event_concerns_its_objects_each_in_its_part(tmp_path: Path) -> None:
    document = ocel_of(a_whole_log(), tmp_path)
    parts = {
        event["type"]: {(one["qualifier"], one["objectId"]) for one in event["relationships"]}
        for event in document["events"]
    }
    case, citizen = ("case", f"case:{cast.CASE}"), ("citizen", f"citizen:{cast.CITIZEN}")
    assert parts["case-opened.v1"] == {
        case,
        citizen,
        ("service", f"service:{cast.PAU}/{cast.CANTEEN}"),
        ("authority", f"authority:{cast.PAU}"),
    }
    assert parts["step-recorded.v1"] == {case, ("agent", f"agent:{events.step_recorded().agent}")}
    assert {qualifier for qualifier, _ in parts["case-handed-over.v1"]} == {"case", "citizen", "from", "to"}
    assert parts["citizen-forgotten.v1"] == {citizen}


def test_a_case_tells_what_it_became_and_when(tmp_path: Path) -> None:
    history = (*histories.an_authority_with_a_service(), *histories.a_reopened_case())
    (case,) = (one for one in ocel_of(a_log(history), tmp_path)["objects"] if one["type"] == "case")
    statuses = [(one["value"], one["time"]) for one in case["attributes"] if one["name"] == "status"]
    assert [status for status, _ in statuses] == ["open", "closed", "open"]
    assert statuses[0][1].startswith("1970-01-01")
    assert datetime.fromisoformat(statuses[1][1]) == events.case_closed().occurred_at


def test_the_zone_of_a_moment_is_kept(tmp_path: Path) -> None:
    paris = timezone(timedelta(hours=2))
    opened = replace(events.case_opened(), occurred_at=datetime(2026, 9, 1, 9, 30, tzinfo=paris))
    log = a_log((*histories.an_authority_with_a_service(), opened))
    told = ocel_of(log, tmp_path)["events"][-1]["time"]
    assert (told[:16], datetime.fromisoformat(told).utcoffset()) == ("2026-09-01T09:30", timedelta(hours=2))


def test_a_step_is_an_event_of_its_trace_and_nothing_else_is(tmp_path: Path) -> None:
    (trace,) = traces_of(a_whole_log(), tmp_path)
    step = events.step_recorded()
    assert [event.attributes for event in trace.events] == [
        {
            "concept:name": step.activity,
            "lifecycle:transition": "complete",
            "time:timestamp": step.occurred_at,
            "org:resource": step.agent,
            "org:group": step.unit,
        }
    ]


def test_all_that_happened_to_a_case_is_in_its_trace_where_it_is_asked_for(tmp_path: Path) -> None:
    (trace,) = traces_of(a_whole_log(), tmp_path, all_to_xes)
    told = sorted(histories.a_whole_story(), key=lambda event: event.occurred_at)
    assert len(trace.events) == len(told)
    assert trace.events[0].attributes["concept:name"] == "case-opened.v1"
    assert "org:resource" in trace.events[0].attributes


def test_the_steps_of_a_trace_are_in_the_order_of_their_times(tmp_path: Path) -> None:
    late, early = (
        replace(events.step_recorded(), activity=name, occurred_at=cast.at(day, "10:00"))
        for name, day in (("late", 9), ("early", 8))
    )
    history = (*histories.an_authority_with_a_service(), *histories.an_open_case(late, early))
    (trace,) = traces_of(a_log(history), tmp_path)
    assert [event.attributes["concept:name"] for event in trace.events] == ["early", "late"]


@pytest.mark.parametrize("reopened", [False, True])
def test_a_trace_ends_unless_its_case_goes_on(tmp_path: Path, *, reopened: bool) -> None:
    case = histories.a_reopened_case() if reopened else histories.a_closed_case()
    (trace,) = traces_of(a_log((*histories.an_authority_with_a_service(), *case)), tmp_path)
    ended = None if reopened else events.case_closed().occurred_at
    assert trace.attributes.get("enddate") == ended
    assert trace.attributes["startdate"] == events.case_opened().occurred_at


def test_two_cases_of_the_same_reference_are_two_traces(tmp_path: Path) -> None:
    other = CaseId(cast.identifier("another case"))
    history = (events.case_opened(), replace(events.case_opened(), case_id=other))
    names = [trace.name for trace in traces_of(a_log((*histories.an_authority_with_a_service(), *history)), tmp_path)]
    assert names == [events.case_opened().reference, str(other)]


def test_whatever_a_step_is_called_the_log_can_be_read_back(tmp_path: Path) -> None:
    names = ["<&\"'>", "two\nlines", "tab\there", "a\x00b\x0b", "\uffff", "é🙂"]
    steps = (replace(events.step_recorded(), activity=name) for name in names)
    log = a_log((*histories.an_authority_with_a_service(), *histories.an_open_case(*steps)))
    (trace,) = traces_of(log, tmp_path)
    found = [event.attributes["concept:name"] for event in trace.events]
    assert found == ["<&\"'>", "two\nlines", "tab\there", "a\ufffdb\ufffd", "\ufffd", "é🙂"]


def test_a_zipped_log_is_the_same_log_and_always_the_same_bytes(tmp_path: Path) -> None:
    exported(a_whole_log(), tmp_path / "log.xes", to_xes)
    zipped = [tmp_path / name for name in ("a.xes.gz", "b.xes.gz")]
    for file in zipped:
        exported(a_whole_log(), file, to_xes)
    assert zipped[0].read_bytes() == zipped[1].read_bytes()
    assert gzip.decompress(zipped[0].read_bytes()) == (tmp_path / "log.xes").read_bytes()


@pytest.mark.parametrize("write", [write_json, write_sqlite, to_xes])
def test_an_empty_ledger_is_an_empty_log(tmp_path: Path, write: Write) -> None:
    summary = exported(ListLog([]), tmp_path / "log", write)
    assert (summary.events, summary.cases, summary.position) == (0, 0, 0)
    assert summary.size_bytes == (tmp_path / "log").stat().st_size > 0


@pytest.mark.parametrize("write", [write_json, to_xes])
def test_memory_does_not_grow_with_the_ledger(tmp_path: Path, write: Write) -> None:
    tracemalloc.start()
    try:
        exported(LongLog(3_000), tmp_path / "log", write)
        assert tracemalloc.get_traced_memory()[1] < HELD_BYTES_MAX
    finally:
        tracemalloc.stop()


def test_what_was_there_stays_until_somebody_says_to_replace_it(tmp_path: Path) -> None:
    file = tmp_path / "log.xes"
    file.write_text("mine", "utf-8")
    with pytest.raises(ExportExists):
        exported(a_whole_log(), file, to_xes)
    assert file.read_text("utf-8") == "mine"
    exported(a_whole_log(), file, to_xes, force=True)
    assert file.read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize("write", [write_json, write_sqlite, to_xes])
def test_an_export_that_fails_leaves_nothing_and_replaces_nothing(tmp_path: Path, write: Write) -> None:
    log = a_whole_log()
    log.logged[3] = replace(log.logged[3], data=b"{}")
    file = tmp_path / "log"
    file.write_text("mine", "utf-8")
    with pytest.raises(UnreadableEvent, match="Event 4"):
        exported(log, file, write, force=True)
    assert [(path.name, path.read_text("utf-8")) for path in tmp_path.iterdir()] == [("log", "mine")]


def test_a_log_that_ends_too_early_is_no_whole_log(tmp_path: Path) -> None:
    log = a_whole_log()
    head = log.head()
    log.head = lambda: head + 1  # type: ignore[method-assign]
    with pytest.raises(UnreadableEvent):
        exported(log, tmp_path / "log", to_xes)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotExported, match="log"):
        exported(a_whole_log(), tmp_path / "nowhere" / "log", to_xes)


def test_a_disk_that_is_full_leaves_nothing(tmp_path: Path) -> None:
    def write(told: Iterable[Recorded], file: Path) -> int:
        file.write_text("half", "utf-8")
        raise OSError(28, "No space left on device")

    with pytest.raises(NotExported, match="No space left"):
        exported(a_whole_log(), tmp_path / "log", write)
    assert not list(tmp_path.iterdir())


def test_progress_is_told_up_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    for _ in events_of(LongLog(2_500), lambda position, head: told.append((position, head))):
        pass
    assert told == [(1000, 2500), (2000, 2500), (2500, 2500)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a small ledger on disk, on which nothing runs."""
    folder = tmp_path_factory.mktemp("exporting") / "data"
    stamp = Stamp(by=cast.AGENT, recorded_at=cast.at(30, "08:00"))
    asked = (commands.register_authority(), commands.publish_service(), commands.open_case(), commands.record_step())
    with CaseLedger(Settings(data=folder)) as ledger:
        ledger.execute_together([(command, stamp) for command in asked])
    return folder


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABKIT_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


@pytest.mark.parametrize(("form", "ending"), [("ocel", ".jsonocel"), ("ocel", ".sqlite"), ("xes", ".xes.gz")])
def test_a_ledger_is_exported_by_the_ending_of_the_file(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str, ending: str
) -> None:
    file = tmp_path / f"log{ending}"
    assert run("export", form, file, "--json", "--data", data) == ExitCode.OK
    told = json.loads(capsys.readouterr().out)
    assert (told["cases"], told["position"], told["events"]) == (1, 5, 1 if form == "xes" else 5)
    magic = {".jsonocel": b"{", ".sqlite": b"SQLite format 3", ".xes.gz": b"\x1f\x8b"}
    assert file.read_bytes().startswith(magic[ending])


def test_an_export_ends_with_a_summary(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "xes", tmp_path / "log.xes", "--events", "all", "--data", data) == ExitCode.OK
    assert "3 events, 1 cases, up to position 5" in capsys.readouterr().out


def test_a_ledger_without_steps_is_told_what_to_ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stamp = Stamp(by=cast.AGENT, recorded_at=cast.at(30, "08:00"))
    asked = (commands.register_authority(), commands.publish_service(), commands.open_case())
    with CaseLedger(Settings(data=tmp_path / "data")) as ledger:
        ledger.execute_together([(command, stamp) for command in asked])
    assert run("export", "xes", tmp_path / "log.xes", "--data", tmp_path / "data") == ExitCode.OK
    assert "--events all" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "ended"),
    [
        (("ocel", "log.xml"), (ExitCode.USAGE, ".jsonocel")),
        (("xes", "log.json"), (ExitCode.USAGE, ".xes.gz")),
        (("parquet", "log.csv"), (ExitCode.USAGE, ".parquet")),
        (("xes", "there.xes"), (ExitCode.BAD_INPUT, "--force")),
        (("xes", "nowhere/log.xes"), (ExitCode.STORAGE, "nowhere")),
    ],
)
def test_what_stops_an_export_says_what_to_do(
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, str],
    ended: tuple[ExitCode, str],
) -> None:
    (tmp_path / "there.xes").touch()
    (form, name), (code, said) = arguments, ended
    assert run("export", form, tmp_path / name, "--data", data) == code
    assert said in capsys.readouterr().err


def test_where_no_ledger_is_none_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "xes", tmp_path / "log.xes", "--data", tmp_path / "data") == ExitCode.BAD_INPUT
    assert "--data" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_without_its_extra_parquet_says_how_to_have_it(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labkit.exports.parquet.find_spec", lambda _: None)
    assert run("export", "parquet", tmp_path / "log.parquet", "--data", data) == ExitCode.BAD_INPUT
    assert "collectivilab[parquet]" in capsys.readouterr().err


def test_the_sqlite_form_tells_the_same_as_the_json(tmp_path: Path) -> None:
    document = ocel_of(a_whole_log(), tmp_path)
    exported(a_whole_log(), tmp_path / "log.sqlite", write_sqlite)
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as database:
        for kind in ("event", "object"):
            rows = database.execute(f"SELECT ocel_id, ocel_type FROM {kind} ORDER BY rowid").fetchall()
            assert rows == [(one["id"], one["type"]) for one in document[f"{kind}s"]]
        assert not database.execute("PRAGMA foreign_key_check").fetchall()
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        ((moment,),) = database.execute("SELECT datetime(ocel_time) FROM event_case_closed_v1")
    assert moment == events.case_closed().occurred_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def test_a_case_closed_twice_ends_the_second_time(tmp_path: Path) -> None:
    again = CaseClosed(
        case_id=cast.CASE,
        version=6,
        occurred_at=cast.at(29, "09:00"),
        stamp=cast.stamp(cast.at(29, "09:00")),
        reason=ClosingReason.COMPLETED,
    )
    history = (*histories.an_authority_with_a_service(), *histories.a_reopened_case(), again)
    (trace,) = traces_of(a_log(history), tmp_path)
    assert trace.attributes["enddate"] == again.occurred_at


def test_every_form_has_an_ending_of_its_own() -> None:
    endings = [ending for known in ENDINGS.values() for ending in known]
    assert len(set(endings)) == len(endings)
    assert callable(write_parquet)
