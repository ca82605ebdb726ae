import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest
from eventsourcing.persistence import OperationalError
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from labkit.controls import commands
from ledger.application import CaseLedger
from ledger.domain.commands import LedgerCommand
from ledger.domain.events import Stamp
from ledger.domain.record import Cause
from ledger.settings import Settings
from ledger.store.appender import Limits
from ledger.store.database import Group, StoreIsLocked
from ledger.store.vault import VaultError
from ledger.store.verdict import Answer

Asking = Callable[..., httpx.Response]
Serving = Callable[[CaseLedger], TestClient[Litestar]]

PERSONAL = "Mme Lafourcade 06 39 98 00 17"


class FailingGroups:
    """Groups that cannot be opened."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __call__(self) -> AbstractContextManager[Group]:
        raise self._error


class SmallDisk:
    """The groups of a SQLite ledger whose file may not grow beyond so many pages, or beyond what it has."""

    def __init__(self, groups: Callable[[], AbstractContextManager[Group]]) -> None:
        self._groups = groups
        self.pages_max = 1

    @contextmanager
    def __call__(self) -> Iterator[Group]:
        with self._groups() as group:
            group._cursor.execute(f"PRAGMA max_page_count = {self.pages_max}")  # type: ignore[attr-defined]
            yield group


class BrokenLedger(CaseLedger):
    """A ledger with a defect that shows what it was given."""

    def submit_async(self, command: LedgerCommand, stamp: Stamp, cause: Cause | None = None) -> asyncio.Future[Answer]:
        raise RuntimeError(f"{PERSONAL}: {command} {stamp} {cause}")


@pytest.fixture
def serving(memory_ledger: CaseLedger, memory_client: TestClient[Litestar]) -> tuple[CaseLedger, TestClient[Litestar]]:
    return memory_ledger, memory_client


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OperationalError("database or disk is full"), (507, "/problems/disk-full", None)),
        (sqlite3.OperationalError("database or disk is full"), (507, "/problems/disk-full", None)),
        (OperationalError("the connection was lost"), (503, "/problems/store-unavailable", "1")),
        (StoreIsLocked(), (503, "/problems/store-unavailable", "1")),
        (VaultError("the key store is gone"), (503, "/problems/store-unavailable", "1")),
    ],
)
def test_a_store_that_cannot_write_says_so(
    serving: tuple[CaseLedger, TestClient[Litestar]],
    monkeypatch: pytest.MonkeyPatch,
    send: Asking,
    error: Exception,
    told: tuple[int, str, str | None],
) -> None:
    ledger, client = serving
    monkeypatch.setattr(ledger.recorder, "group", FailingGroups(error))

    answer = send(client, commands.register_authority())

    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["type"], answer.headers.get("retry-after")) == told
    assert ledger.head() == 0


def test_a_command_that_was_not_taken_is_taken_when_sent_again(
    memory_client: TestClient[Litestar], memory_ledger: CaseLedger, monkeypatch: pytest.MonkeyPatch, send: Asking
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(memory_ledger.recorder, "group", FailingGroups(OperationalError("disk is full")))
        assert send(memory_client, commands.register_authority()).status_code == 507

    again = send(memory_client, commands.register_authority())

    assert (again.status_code, again.json().get("repeated")) == (201, None)


def test_a_disk_that_is_really_full_is_told_until_there_is_room_again(
    settings: Settings, serve_writing: Serving, send: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = replace(commands.open_case(), summary="long " * 800)
    with CaseLedger(settings) as ledger:
        client = serve_writing(ledger)
        for command in (commands.register_authority(), commands.publish_service()):
            send(client, command)
        disk = SmallDisk(ledger.recorder.group)
        monkeypatch.setattr(ledger.recorder, "group", disk)

        disk.pages_max = 1
        full = send(client, long)
        disk.pages_max = 1_000_000
        again = send(client, long)

    assert (full.status_code, full.json()["type"]) == (507, "/problems/disk-full")
    assert (again.status_code, again.headers["ledger-position"]) == (201, "4")


def test_a_ledger_with_a_full_queue_says_when_to_come_back(
    settings: Settings, serve_writing: Serving, send: Asking
) -> None:
    with CaseLedger(settings, in_memory=True, limits=Limits(queue_size_max=0)) as overwhelmed:
        client = serve_writing(overwhelmed)
        english = send(client, commands.register_authority())
        french = send(client, commands.register_authority(), **{"accept-language": "fr"})

    assert (english.status_code, english.headers["retry-after"]) == (503, "1")
    assert english.json()["detail"].startswith("Too many commands are waiting")
    assert french.json()["detail"].startswith("Trop de commandes attendent")


def test_a_ledger_that_stops_takes_nothing_more(settings: Settings, serve_writing: Serving, send: Asking) -> None:
    with CaseLedger(settings, in_memory=True) as stopping:
        client = serve_writing(stopping)
    answer = send(client, commands.register_authority())

    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/store-unavailable")


def test_a_defect_is_told_without_its_insides_and_logged_without_what_was_sent(
    settings: Settings, serve_writing: Serving, send: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    with BrokenLedger(settings, in_memory=True) as broken:
        answer = send(serve_writing(broken), commands.open_case())

    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json() == {
        "type": "/problems/defect",
        "title": "defect",
        "status": 500,
        "detail": "This is a defect of the ledger: please report it. Sent again unchanged, nothing is done twice.",
    }
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "RuntimeError" in record.getMessage()
    assert "in submit_async" in record.getMessage()
    assert "Lafourcade" not in caplog.text
    assert record.exc_info is None


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/cases", {"POST", "OPTIONS"}),
        ("PUT", "/commands", {"POST", "OPTIONS"}),
        ("POST", "/ledger", {"GET", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_told_which_are_right(
    untouched: TestClient[Litestar], method: str, path: str, allowed: set[str]
) -> None:
    answer = untouched.request(method, path)

    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
    assert set(answer.headers["allow"].split(", ")) == allowed
    assert answer.json()["type"] == "/problems/method-not-allowed"


@pytest.mark.parametrize("path", ["/nowhere", "/cases/x", "/problems/nonsense", "/views", "/%00"])
def test_an_unknown_address_is_a_problem(untouched: TestClient[Litestar], path: str) -> None:
    answer = untouched.get(path, headers={"accept-language": "fr"})

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json() == {
        "type": "/problems/not-found",
        "title": "not found",
        "status": 404,
        "detail": "Il n’y a rien à cette adresse.",
    }


@pytest.mark.parametrize(
    "host",
    [
        "ledger.example",
        "127.0.0.1.ledger.example",
        "localhost.ledger.example:8421",
        "user@127.0.0.1",
        "127.0.0.1:8421:8421",
        "127.0.0.1:999999",
        "[::1",
        "",
    ],
)
def test_a_request_under_another_name_is_refused(untouched: TestClient[Litestar], send: Asking, host: str) -> None:
    answer = send(untouched, commands.register_authority(), host=host)

    assert (answer.status_code, answer.json()["type"]) == (421, "/problems/foreign-host")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8421", "LOCALHOST", "[::1]:8421", "[::1]"])
def test_a_request_under_a_name_of_this_machine_is_taken(untouched: TestClient[Litestar], host: str) -> None:
    assert untouched.post("/commands", content=b"[]", headers={"host": host}).status_code == 200


def test_serving_leaves_the_logging_of_the_process_alone(memory_ledger: CaseLedger, serve_writing: Serving) -> None:
    before = logging.getLogger().handlers[:]

    serve_writing(memory_ledger).get("/ledger")

    assert logging.getLogger().handlers == before
