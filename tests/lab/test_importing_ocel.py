"""An object-centric log reaches the ledger as an XES log does: its cases whole, once, whatever its form."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labkit.cli import main
from labkit.controls import cast, events, histories
from labkit.exit_codes import ExitCode
from labkit.exports.exporting import Wanted, export_log
from labkit.exports.ocel import write_json
from labkit.exports.ocel_sqlite import write_sqlite
from labkit.failures import UnreadableFile
from labkit.imports import ocel_json
from labkit.imports.failures import BrokenOcel
from labkit.imports.mapping import Mapping, read_mapping
from labkit.imports.ocel import read_ocel
from labkit.imports.ocel_spool import Spool
from ledger.domain.commands import CloseCase, LedgerCommand, OpenCase, PublishService, RecordStep, RegisterAuthority
from ledger.domain.events import CaseOpened, StepRecorded
from ledger.domain.vocabulary import Channel
from tests.lab.ledgers import a_log

if TYPE_CHECKING:
    from tests.lab.conftest import FakeInstance

ORDERS = """
[service]
code = "commandes"
name = "Commandes"
[ocel]
case = "order"
agent = "employee"
closing = ["ship"]
[trace]
channel = "came_by"
[channels]
"Fax" = "post"
"""


def an_event(name: str, type_: str, hour: int, *objects: str, **attributes: object) -> dict[str, Any]:
    return {
        "id": name,
        "type": type_,
        "time": f"2024-03-01T{hour:02}:00:00Z",
        "attributes": [{"name": key, "value": value} for key, value in attributes.items()],
        "relationships": [{"objectId": object_, "qualifier": ""} for object_ in objects],
    }


def an_object(name: str, type_: str, **attributes: object) -> dict[str, Any]:
    at = "1970-01-01T00:00:00Z"
    return {
        "id": name,
        "type": type_,
        "attributes": [{"name": key, "value": value, "time": at} for key, value in attributes.items()],
    }


def orders() -> dict[str, Any]:
    return {
        "objectTypes": [{"name": name, "attributes": []} for name in ("order", "item", "employee")],
        "eventTypes": [{"name": name, "attributes": []} for name in ("place", "pick", "ship")],
        "objects": [
            an_object("o1", "order", came_by="Fax", deadline="2024-03-09T00:00:00+01:00", unit="Roads"),
            an_object("o2", "order"),
            an_object("i1", "item"),
            an_object("Ada", "employee"),
        ],
        "events": [
            an_event("e3", "ship", 12, "o1"),
            an_event("e1", "place", 9, "o1", "i1", "Ada"),
            an_event("e2", "pick", 10, "o1", "o2", "i1", agent="Grace"),
            an_event("e4", "count", 11, "i1"),
        ],
    }


def as_json(document: object, folder: Path) -> Path:
    (folder / "log.json").write_text(json.dumps(document), "utf-8")
    return folder / "log.json"


def as_sqlite(document: dict[str, Any], folder: Path) -> Path:
    """The same log as a database, as plain as tools write them: no key, no index, no time of what never changes."""
    file = folder / "log.sqlite"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE event_object(ocel_event_id, ocel_object_id, ocel_qualifier)")
        for kind in ("event", "object"):
            database.execute(f"CREATE TABLE {kind}(ocel_id, ocel_type)")
            database.execute(f"CREATE TABLE {kind}_map_type(ocel_type, ocel_type_map)")
            for item in document[f"{kind}s"]:
                table = f'"{kind}_{item["type"]}"'
                named = {one["name"]: one["value"] for one in item["attributes"]}
                row = {"ocel_id": item["id"], **({"ocel_time": item["time"]} if kind == "event" else {}), **named}
                columns = ["agent"] if kind == "event" else ["came_by", "deadline", "unit"]
                every = ["ocel_id", *(["ocel_time"] if kind == "event" else []), *columns]
                database.execute(f"CREATE TABLE IF NOT EXISTS {table}({', '.join(every)})")
                database.execute(
                    f"INSERT INTO {table}({', '.join(row)}) VALUES({', '.join('?' * len(row))})", [*row.values()]
                )
                database.execute(f"INSERT INTO {kind} VALUES(?, ?)", (item["id"], item["type"]))
            types = {item["type"] for item in document[f"{kind}s"]}
            database.executemany(f"INSERT INTO {kind}_map_type VALUES(?, ?)", [(type_, type_) for type_ in types])
        pairs = [(one["id"], other["objectId"], "") for one in document["events"] for other in one["relationships"]]
        database.executemany("INSERT INTO event_object VALUES(?, ?, ?)", pairs)
    return file


def a_mapping(folder: Path, more: str = "") -> Mapping:
    file = folder / "orders.toml"
    file.write_text(ORDERS + more, "utf-8")
    return read_mapping(file, of="ocel")


def told(path: Path, mapping: Mapping) -> list[LedgerCommand]:
    return [command for commands in read_ocel(path, mapping) for command in commands]


def told_orders(folder: Path) -> list[LedgerCommand]:
    return told(as_json(orders(), folder), a_mapping(folder))


def steps_of(commands: list[LedgerCommand]) -> list[tuple[str, str | None]]:
    return [(one.activity, one.agent) for one in commands if isinstance(one, RecordStep)]


def test_an_object_of_the_type_of_a_case_becomes_a_case_with_its_events_as_steps(tmp_path: Path) -> None:
    commands = told_orders(tmp_path)
    assert [type(command) for command in commands] == [
        *(RegisterAuthority, PublishService),
        *(OpenCase, RecordStep, RecordStep, RecordStep, CloseCase),
        *(OpenCase, RecordStep),
    ]
    assert steps_of(commands) == [("place", "Ada"), ("pick", "Grace"), ("ship", None), ("pick", "Grace")]


def test_what_an_object_says_is_kept(tmp_path: Path) -> None:
    opening = told_orders(tmp_path)[2]
    assert isinstance(opening, OpenCase)
    assert (opening.channel, opening.unit, opening.reference) == (Channel.POST, "Roads", "o1")
    assert opening.deadline == datetime(2024, 3, 8, 23, tzinfo=UTC)
    assert opening.occurred_at == datetime(2024, 3, 1, 9, tzinfo=UTC)


def test_a_closing_event_closes_the_case_unless_it_goes_on(tmp_path: Path) -> None:
    document = orders()
    document["events"].append(an_event("e5", "return", 13, "o1"))
    file = as_json(document, tmp_path)
    goes_on = a_mapping(tmp_path, '[event]\nunit = ""\n')
    assert sum(isinstance(command, CloseCase) for command in told(file, goes_on)) == 1
    (tmp_path / "orders.toml").write_text(ORDERS.replace("[trace]", 'reopening = ["return"]\n[trace]'), "utf-8")
    reopened = read_mapping(tmp_path / "orders.toml", of="ocel")
    assert not any(isinstance(command, CloseCase) for command in told(file, reopened))


def test_both_forms_tell_the_same(tmp_path: Path) -> None:
    assert told(as_sqlite(orders(), tmp_path), a_mapping(tmp_path)) == told_orders(tmp_path)


def test_what_an_object_became_counts(tmp_path: Path) -> None:
    document = orders()
    document["objects"][0]["attributes"].append({"name": "unit", "value": "Water", "time": "2024-03-01T10:00:00Z"})
    opening = told(as_json(document, tmp_path), a_mapping(tmp_path))[2]
    assert isinstance(opening, OpenCase)
    assert opening.unit == "Water"


def test_telling_twice_says_the_same_and_another_log_of_the_same_names_is_another(tmp_path: Path) -> None:
    assert told_orders(tmp_path) == told_orders(tmp_path)
    (tmp_path / "orders.toml").write_text(ORDERS.replace("[trace]", 'log = "the other shop"\n[trace]'), "utf-8")
    other = told(tmp_path / "log.json", read_mapping(tmp_path / "orders.toml", of="ocel"))
    cases, others = ({c.case_id for c in log if isinstance(c, OpenCase)} for log in (told_orders(tmp_path), other))
    assert not cases & others


@pytest.mark.parametrize("name", ["log.jsonocel", "log.sqlite"])
def test_what_a_ledger_exported_comes_back_as_its_steps(tmp_path: Path, name: str) -> None:
    history = (*histories.an_authority_with_a_service(), *histories.an_open_case(events.step_recorded()))
    write = write_sqlite if name.endswith("sqlite") else write_json
    closed = (*history, *histories.numbered_from(4, events.case_decided(), events.case_closed()))
    export_log(a_log(closed), Wanted(form="ocel", file=tmp_path / name), write)
    commands = told(tmp_path / name, read_mapping(of="ocel"))
    opening, closing = commands[2], commands[-1]
    assert isinstance(opening, OpenCase)
    assert isinstance(closing, CloseCase)
    assert (opening.reference, opening.channel) == (events.case_opened().reference, events.case_opened().channel)
    assert closing.occurred_at == events.case_closed().occurred_at
    assert steps_of(commands) == [(events.step_recorded().activity, events.step_recorded().agent)]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"   ", "cut off"),
        (b"PK\x03\x04", "neither an SQLite database nor JSON"),
        (b'{"events": [', "cut off"),
        (b'{"events": [{"id": "e', "cut off"),
        (b'{"events": [1 2]}', "not an OCEL 2.0 log"),
        (b'{"events": [{"id": "e" "x"}]' + b" " * 100, "neither"),
        (b"[]", "neither"),
        (b'{"events" []}', "neither"),
        (b'{"events": {}}', "neither"),
        (b'{"ocel:events": {}, "ocel:objects": {}}', "not an OCEL 2.0 log"),
        (b'{"events": [], "objects": []', "cut off"),
        (b'{"events": [{"id": "e", "type": "t"}], "objects": []}', "time"),
        (b"\xff\xfe{", "neither"),
        (b'{"events": ' + b"[" * 100_000, "neither"),
        (b"SQLite format 3\0 and nothing else", "not an OCEL 2.0 log"),
        (b'{"events": [], "objects": []}', "no object has the type"),
    ],
)
def test_a_file_that_is_no_ocel_log_says_why(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "log").write_bytes(content)
    with pytest.raises(BrokenOcel, match=why) as refused:
        told(tmp_path / "log", read_mapping(of="ocel"))
    assert "log" in refused.value.message("fr")


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        told(tmp_path / "nothing", read_mapping(of="ocel"))


def test_a_log_without_cases_says_what_its_objects_are(tmp_path: Path) -> None:
    with pytest.raises(BrokenOcel, match=r"employee, item, order.*--mapping"):
        told(as_json(orders(), tmp_path), read_mapping(of="ocel"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"came_by": "pigeon"}, "pigeon.*no channel"),
        ({"deadline": "soon"}, "soon.*should be a date"),
    ],
)
def test_a_case_that_cannot_be_told_is_named(tmp_path: Path, change: dict[str, object], why: str) -> None:
    document = orders()
    document["objects"][0] = an_object("o1", "order", **change)
    with pytest.raises(BrokenOcel, match=why) as refused:
        told(as_json(document, tmp_path), a_mapping(tmp_path))
    assert "o1" in refused.value.message("fr")


def test_a_case_that_nothing_dates_is_named_after_those_that_are_whole(tmp_path: Path) -> None:
    document = orders()
    document["objects"].append(an_object("o3", "order"))
    whole = []
    with pytest.raises(BrokenOcel, match=r"o3.*when its case began"):
        whole += list(read_ocel(as_json(document, tmp_path), a_mapping(tmp_path)))
    assert whole == []
    telling = read_ocel(tmp_path / "log.json", a_mapping(tmp_path))
    assert [len(next(telling)) for _ in range(3)] == [2, 5, 2]


@pytest.mark.parametrize("type_", ["", " "])
def test_an_event_without_a_type_is_no_step(tmp_path: Path, type_: str) -> None:
    document = orders()
    document["events"].append(an_event("e9", type_, 9, "o2"))
    with pytest.raises(BrokenOcel, match=r"o2.*lacks a type"):
        told(as_json(document, tmp_path), a_mapping(tmp_path))


def test_an_element_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spool: Spool) -> None:
    monkeypatch.setattr(ocel_json, "ELEMENT_CHARACTERS_MAX", 200_000)
    with pytest.raises(BrokenOcel, match="longer than 200000"):
        ocel_json.read_json(BytesIO(b'{"events": [{"id": "' + b"e" * 1_000_000), spool, tmp_path)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11])
def test_wherever_a_file_is_cut_into_pieces_it_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    document = orders() | {"extra": [1, -2.5e3, None, {"a": "\\ud83d\U0001f642 é"}], "last": 12345}
    whole = told(as_json(document, tmp_path), a_mapping(tmp_path))
    monkeypatch.setattr(ocel_json, "CHUNK_CHARACTERS", size)
    assert told(tmp_path / "log.json", a_mapping(tmp_path)) == whole


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool(tmp_path / "spool.db")) as spool:
        yield spool


def imported(log: Path, data: Path, *options: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(given) for given in ("import", "ocel", log, "--json", "--data", data, *options)])
    return int(ended.value.code or 0)


def test_importing_again_changes_nothing(
    tmp_path: Path, data: Path, instance: "FakeInstance", capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "orders.toml").write_text(ORDERS, "utf-8")
    files = (as_json(orders(), tmp_path), as_sqlite(orders(), tmp_path), tmp_path / "log.json")
    answers = []
    for file in files:
        assert imported(file, data, "--mapping", tmp_path / "orders.toml") == ExitCode.OK
        answers.append(json.loads(capsys.readouterr().out))
    assert [(told["cases"], told["accepted"], told["unchanged"]) for told in answers] == [
        (2, 9, 0),
        (2, 0, 9),
        (2, 0, 9),
    ]
    assert sum(isinstance(event, CaseOpened) for event in instance.events) == 2
    assert sum(isinstance(event, StepRecorded) for event in instance.events) == 4
    assert set(instance.agents) == {"import-ocel"}


def test_what_came_before_a_break_is_in_the_ledger(
    tmp_path: Path, data: Path, instance: "FakeInstance", capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "orders.toml").write_text(ORDERS, "utf-8")
    document = orders()
    document["objects"].append(an_object("o3", "order"))
    broken = as_json(document, tmp_path)
    assert imported(broken, data, "--mapping", tmp_path / "orders.toml", "--authority", cast.PAU) == ExitCode.BAD_INPUT
    said = capsys.readouterr()
    assert json.loads(said.out)["cases"] == 2
    assert json.loads(said.err)["error"] == "broken-ocel"
    assert sum(isinstance(event, CaseOpened) for event in instance.events) == 2
