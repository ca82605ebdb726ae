"""What a citizen said is in no log, no span and no metric of any role, whatever became of the command that held it."""

import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
import pytest
from msgspec.structs import fields, replace

from labkit.controls import commands
from ledger.domain.commands import ForgetCitizen
from ledger.publishing.feed import LogFeed
from ledger.publishing.published import PublishedEvent
from ledger.store import writing
from ledger.watching.logs import TEXT_FORM, JsonForm, LogLine, TextForm
from projections.engine.store import ViewStore
from projections.engine.view import View
from tests.running import Answer, RunningInstance, running_instance

if TYPE_CHECKING:
    from tests.conftest import MemoryLog

MARK = "Zebulon-Marquis-0612345678"
PERSONAL_TEXTS_MIN = 15
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def marked(struct: Any) -> Any:
    """Put the mark wherever a personal text may stand."""
    given = {field.name: getattr(struct, field.name) for field in fields(struct)}
    told = {name: marked(value) for name, value in given.items() if isinstance(value, msgspec.Struct)}
    personal = {name: MARK for name, value in given.items() if isinstance(value, str) and name in _personal(struct)}
    return replace(struct, **told, **personal)


def _personal(struct: Any) -> set[str]:
    return {field.name for field in fields(struct) if "'personal': True" in repr(field.type)}


def batch(instance: RunningInstance, *asked: object) -> Answer:
    return instance.request("POST", "/commands", raw=msgspec.json.encode(asked), traceparent=TRACEPARENT)


def as_written(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The one thing that was logged, in each form."""
    (record,) = caplog.records
    return [form.format(record) for form in (JsonForm("views", lambda: None), TextForm(TEXT_FORM))]


def everything_goes_wrong(instance: RunningInstance) -> set[int]:
    """Ask in every wrong way, with the mark in each place where a person might write."""
    json_of = {"Content_Type": "application/json"}
    return {
        instance.request("POST", "/commands", raw=f'[{{"title": "{MARK}"'.encode()).status,
        instance.request("POST", "/cases", raw=json.dumps({"title": MARK, MARK: MARK}).encode()).status,
        instance.request("POST", "/cases", raw=b"{}", Agent=f"{MARK}!").status,
        instance.request("POST", f"/cases/{MARK}/steps", raw=b"{}", **json_of).status,
        instance.request("POST", f"/citizens/{MARK}/forgetting?why={MARK}", raw=b"{}").status,
        instance.get(f"/views/inbox?status={MARK}").status,
        instance.get(f"/views/{quote(MARK)}").status,
        instance.get(f"/{MARK}").status,
    }


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What every role of a watched instance wrote, and its metrics, after a life with the mark in it."""
    data = tmp_path_factory.mktemp("watched") / "data"
    asked = [marked(command) for command in commands.a_command_of_every_kind()]
    watching = {"COLLECTIVILAB_LOGS": "json", "COLLECTIVILAB_METRICS": "on", "OTEL_TRACES_EXPORTER": "console"}
    assert msgspec.json.encode(asked).count(MARK.encode()) >= PERSONAL_TEXTS_MIN
    with running_instance(data, **watching) as instance:
        receipts = batch(instance, *asked).json["results"]
        instance.wait_until_views_reach(instance.ledger_position())
        assert sum(receipt["status"] == "accepted" for receipt in receipts) == len(asked), receipts
        again = [replace(command, command_id=asked[0].command_id) for command in asked]
        assert {receipt["status"] for receipt in batch(instance, *again).json["results"]} == {"refused", "accepted"}
        assert everything_goes_wrong(instance) == {400, 404, 422}
        metrics = instance.get("/metrics")
    written = {path.stem: path.read_text(encoding="utf-8") for path in (data / "logs").glob("*.log")}
    return {**written, "metrics": metrics.text}


def test_nothing_that_was_said_is_anywhere(told: dict[str, str]) -> None:
    assert {name for name, text in told.items() if MARK in text} == set()
    assert any(isinstance(command, ForgetCitizen) for command in commands.a_command_of_every_kind())


def test_every_role_was_traced(told: dict[str, str]) -> None:
    assert '"name": "POST /commands"' in told["site"]
    assert '"name": "append"' in told["site"]
    assert '"name": "publish"' in told["relay"]
    assert '"name": "fold"' in told["views"]


def test_the_metrics_of_the_site_tell_of_every_role(told: dict[str, str]) -> None:
    names = ("ledger_position", "relay_position", "relay_lag", 'view_lag{view="inbox"}', "append_seconds_count")
    assert [name for name in names if f"collectivilab_{name} " not in told["metrics"]] == []


def test_what_is_no_span_is_a_line_of_json(told: dict[str, str], tmp_path: Path) -> None:
    lines = [line for text in told.values() for line in text.splitlines() if line.startswith('{"time"')]

    assert {msgspec.json.decode(line, type=LogLine).role for line in lines} <= {"site", "relay", "views"}


def test_a_view_that_fails_on_what_was_said_does_not_repeat_it(
    tmp_path: Path, log: "MemoryLog", caplog: pytest.LogCaptureFixture
) -> None:
    def choke(_: object, event: PublishedEvent) -> None:
        raise ValueError(f"{MARK} in {event.data!r}")

    log.record(1)
    store = ViewStore(View(name="choking", version=1, schema="", project=choke), tmp_path)
    store.apply(LogFeed(log).read(0, 1))
    store.close()

    lines = as_written(caplog)
    assert all("ValueError" in line for line in lines)
    assert [text for text in (MARK, str(log.events[0].metadata.subject)) for line in lines if text in line] == []


@pytest.mark.parametrize(
    "error", [ValueError(MARK), sqlite3.IntegrityError(f"a row does not fit\nDETAIL:  Failing row contains ({MARK}).")]
)
def test_a_group_that_fails_on_what_was_said_does_not_repeat_it(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    writing._failure(error)

    assert [line for line in as_written(caplog) if MARK in line] == []
