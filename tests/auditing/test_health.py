"""Alive, ready, or not ready and why: the write side alone, the read side alone, and an instance."""

from contextlib import nullcontext
from pathlib import Path
from shutil import disk_usage
from typing import Any

import pytest
from litestar.testing import TestClient

from labkit.auditing.continuous import AuditStatus
from labkit.auditing.durability import Acknowledgement
from labkit.auditing.findings import STREAM, Finding, Kind
from labkit.health import concerns_of
from labkit.status import LedgerPosition, SiteStatus, StreamStatus
from ledger.api.app import create_app as create_write_app
from ledger.application import CaseLedger
from ledger.settings import Settings
from projections.api import create_app as create_read_app
from projections.health import LAG_MAX, behind, health_routes
from projections.reader import ViewReader, ViewStatus

HERE = "http://127.0.0.1"


def ask(app: Any, path: str, language: str = "en") -> tuple[int, dict[str, Any]]:
    with TestClient(app, base_url=HERE) as client:
        answer = client.get(path, headers={"Accept-Language": language})
        return answer.status_code, answer.json()


@pytest.fixture
def ledger(tmp_path: Path) -> Any:
    with CaseLedger(Settings(data=tmp_path)) as opened:
        yield opened


def test_a_write_side_that_takes_commands_is_ready(ledger: CaseLedger, tmp_path: Path) -> None:
    app = create_write_app(ledger, Settings(data=tmp_path), nullcontext())

    assert ask(app, "/health/live")[1]["status"] == "live"
    status, told = ask(app, "/health/ready")
    assert (status, told["status"], told["position"]) == (200, "ready", 0)


@pytest.mark.parametrize(("language", "words"), [("en", "Not ready"), ("fr", "Pas en état de servir")])
def test_a_disk_that_is_nearly_full_is_told_before_a_command_is_lost(
    ledger: CaseLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setattr("ledger.api.health.DISK_FREE_MIN_BYTES", disk_usage(tmp_path).total + 1)
    app = create_write_app(ledger, Settings(data=tmp_path), nullcontext())

    status, problem = ask(app, "/health/ready", language)
    assert (status, problem["type"]) == (503, "/problems/not-ready")
    assert problem["detail"] == f"{words}{' ' if language == 'fr' else ''}: disk-nearly-full."
    assert ask(app, "/health/live")[0] == 200


def test_views_that_are_level_are_ready(tmp_path: Path) -> None:
    reader = ViewReader(tmp_path)
    status, told = ask(create_read_app([health_routes(reader)], nullcontext()), "/health/ready")
    assert (status, told["position"], told["concerns"]) == (200, 0, [])
    reader.close()


def test_views_that_cannot_be_read_are_not_ready(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("a file where a view should be")
    reader = ViewReader(tmp_path)
    status, problem = ask(create_read_app([health_routes(reader)], nullcontext()), "/health/ready")
    assert (status, problem["detail"]) == (503, "Not ready: views-unavailable.")
    reader.close()


def test_a_view_is_behind_from_one_event_on_beyond_the_bound() -> None:
    views = [view("inbox", 1), view("web", 2)]

    assert behind(views, LAG_MAX + 1) == ()
    assert behind(views, LAG_MAX + 2) == ("view-behind:inbox",)


def test_what_stops_nothing_is_a_concern() -> None:
    finding = Finding(of=STREAM, kind=Kind.MISSING, first=1, last=10, position=7)
    status = SiteStatus(
        ledger=LedgerPosition(10),
        stream=StreamStatus(position=0, reachable=False),
        views=[view("inbox", 10, parked=2), view("web", 10)],
        audit=AuditStatus(findings=[finding, finding]),
        acknowledgement=Acknowledgement(store="sqlite", ledger="disk", stream="unknown"),
        version="",
    )

    assert concerns_of(status) == ("stream-unreachable", "view-parked:inbox", "audit:stream")


def view(name: str, position: int, parked: int = 0) -> ViewStatus:
    return ViewStatus(name=name, position=position, parked=parked)
