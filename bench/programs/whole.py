"""The whole as a newcomer runs it: how soon the first page is there, how soon a write is seen, how much memory."""

import json
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import msgspec

from bench.clients import Figures, milliseconds
from bench.contacts import AUTHORITY, SERVICE, a_publication, a_registration
from bench.failures import NotMeasured
from bench.instance import LABKIT, running
from bench.memory import resident_mb

RATE_PER_S = 200
REAL_LOG = Path(__file__).resolve().parents[3] / "shared" / "data" / "receipt.xes.gz"


def warm_start(*, seconds: float) -> Figures:
    """Return the seconds from the command to the first page, once everything is installed and was run before."""
    with running():
        pass
    started = time.perf_counter()
    with running() as instance:
        urlopen(instance.url).read()
        return {"value": time.perf_counter() - started}


def commit_to_visible(*, seconds: float) -> Figures:
    """Return the 99th percentile, in milliseconds, from a command's answer to its row in a view, at 200 a second."""
    with running() as instance:
        writes, reads = (HTTPConnection(instance.url.removeprefix("http://")) for _ in range(2))
        _ask(writes, "/commands", [a_registration(), a_publication()])
        delays, begun = [], time.perf_counter()
        for rank in range(int(RATE_PER_S * seconds)):
            time.sleep(max(0.0, begun + rank / RATE_PER_S - time.perf_counter()))
            body = {"case_id": str(uuid4()), "authority": AUTHORITY, "service": SERVICE, "channel": "counter"}
            position = _ask(writes, "/cases", body)["position"]
            committed = time.perf_counter()
            reads.request("GET", f"/views/inbox?limit=1&at_least={position}")
            reads.getresponse().read()
            delays.append(time.perf_counter() - committed)
        figures = milliseconds(delays)
        return {"value": figures["p99_ms"], "p50_ms": figures["p50_ms"]}


def memory_on_the_real_log(*, seconds: float) -> Figures:
    """Return the resident megabytes of all processes together after the import of the real log."""
    if not REAL_LOG.exists():
        raise NotMeasured(f"the log {REAL_LOG.name} is not here")
    with running() as instance:
        command = [sys.executable, *LABKIT, "import", "xes", str(REAL_LOG), "--data", str(instance.data)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return {"value": sum(map(resident_mb, instance.pids()))}


def _ask(connection: HTTPConnection, path: str, body: object) -> dict[str, int]:
    connection.request("POST", path, msgspec.json.encode(body), {"Content-Type": "application/json"})
    answer: dict[str, int] = json.loads(connection.getresponse().read())
    return answer
