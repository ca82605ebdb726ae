"""The whole as a newcomer runs it: how soon the first page is there, how soon a write is seen, how much memory."""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import msgspec

from bench.appends import AUTHORITY, SERVICE

RATE_PER_S, SECONDS = 200, 10
REAL_LOG = Path(__file__).resolve().parents[2] / "shared" / "data" / "receipt.xes.gz"
READY_TIMEOUT_S = 30


class NotMeasured(Exception):
    """What a row needs is not on this machine."""


@contextmanager
def running(*options: str) -> Iterator[tuple[str, Path]]:
    """Run `labkit up` on a new data directory; yield its address and the directory."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        command = [sys.executable, "-c", "from labkit.cli import main; main()", "up", "--no-browser"]
        process = subprocess.Popen(
            [*command, "--data", str(data), "--port", str(free_port()), *options], stdout=subprocess.DEVNULL
        )
        try:
            yield _address(data), data
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(READY_TIMEOUT_S)


def warm_start() -> float:
    """Return the seconds from the command to the first page, once everything is installed and was run before."""
    with running("--empty"):
        pass
    started = time.perf_counter()
    with running("--empty") as (url, _):
        urlopen(url).read()
        return time.perf_counter() - started


def commit_to_visible() -> float:
    """Return the 99th percentile, in milliseconds, from a command's answer to its row in a view, at 200 a second."""
    with running("--empty") as (url, _):
        writes, reads = (HTTPConnection(url.removeprefix("http://")) for _ in range(2))
        _ask(writes, "/authorities", {"authority": AUTHORITY, "name": "Pau Béarn Pyrénées", "kind": "epci"})
        _ask(writes, f"/authorities/{AUTHORITY}/services", {"service": SERVICE, "name": "Cantine"})
        delays, begun = [], time.perf_counter()
        for rank in range(RATE_PER_S * SECONDS):
            time.sleep(max(0.0, begun + rank / RATE_PER_S - time.perf_counter()))
            position = _open_case(writes)
            committed = time.perf_counter()
            reads.request("GET", f"/views/inbox?limit=1&at_least={position}")
            reads.getresponse().read()
            delays.append(1000 * (time.perf_counter() - committed))
        return statistics.quantiles(delays, n=100)[98]


def memory_on_the_real_log() -> float:
    """Return the resident megabytes of all processes together after the import of the real log."""
    if not REAL_LOG.exists():
        raise NotMeasured(f"{REAL_LOG} is not here")
    with running("--empty") as (_, data):
        command = [sys.executable, "-c", "from labkit.cli import main; main()", "import", "xes", str(REAL_LOG)]
        subprocess.run([*command, "--data", str(data)], check=True, stdout=subprocess.DEVNULL)
        run = json.loads((data / "run.json").read_text())
        return sum(map(_resident_mb, [run["pid"], *run["pids"].values()]))


def _open_case(connection: HTTPConnection) -> int:
    body = {"case_id": str(uuid4()), "authority": AUTHORITY, "service": SERVICE, "channel": "counter"}
    position: int = _ask(connection, "/cases", body)["position"]
    return position


def _ask(connection: HTTPConnection, path: str, body: dict[str, str]) -> dict[str, int]:
    connection.request("POST", path, msgspec.json.encode(body), {"Content-Type": "application/json"})
    answer: dict[str, int] = json.loads(connection.getresponse().read())
    return answer


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def _address(data: Path) -> str:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            address: str = json.loads((data / "run.json").read_text())["url"]
        except (OSError, ValueError):
            time.sleep(0.02)
        else:
            return address
    raise TimeoutError("labkit up did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
