"""Our views made anew: one from the log, one from the stream beside a bare callback of the client, and all of them."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import nats
import uvloop
from nats.aio.msg import Msg

from bench import servers
from bench.clients import Figures
from bench.memory import PeakMemory
from bench.programs.filled_log import EVENTS, filled_log
from bench.programs.relay_ours import relayed
from ledger.application import ReadOnlyLog
from ledger.settings import Settings
from projections import VIEWS
from projections.engine.store import ViewStore

EVENTS_A_SECOND = 50_000
ONE = "inbox"
TIMEOUT_S = 900
PENDING_BYTES = 64 << 20


def from_the_log(*, seconds: float) -> Figures:
    """Return events a second of one view, rebuilt from the log by `labkit rebuild`."""
    data = filled_log(int(EVENTS_A_SECOND * seconds))
    return {"value": _events(data) / _rebuilt(data, [ONE], "log")["seconds"]}


def from_the_stream(*, seconds: float) -> Figures:
    """Return events a second of the same view, rebuilt from the stream alone."""
    data = filled_log(int(EVENTS_A_SECOND * seconds))
    with _published(data) as url:
        return {"value": _events(data) / _rebuilt(data, [ONE], "stream", nats_url=url)["seconds"]}


def bare_callback(*, seconds: float) -> Figures:
    """Return messages a second of an ordered consumer that only counts what it is called with."""
    data = filled_log(int(EVENTS_A_SECOND * seconds))
    with _published(data) as url:
        return {"value": uvloop.run(_counted(url, _events(data)))}


def all_from_the_log(*, seconds: float, events: int) -> Figures:
    """Return the seconds until every shipped view reflects so many events, and the most memory that this took."""
    data = filled_log(int(os.environ.get(EVENTS, events)))
    told = _rebuilt(data, [view.name for view in VIEWS], "log")
    return {"value": told["elapsed"], "events": _events(data), "memory_mb": told["memory_mb"]}


def _events(data: Path) -> int:
    with closing(ReadOnlyLog(Settings(data=data))) as log:
        return log.head()


@contextmanager
def _published(data: Path) -> Iterator[str]:
    """Run a server whose stream holds the whole log."""
    with servers.nats() as url, closing(ReadOnlyLog(Settings(data=data))) as log:
        uvloop.run(relayed(url, log))
        yield url


async def _counted(url: str, events: int) -> float:
    client = await nats.connect(url, pending_size=PENDING_BYTES)
    counted, done = 0, asyncio.Event()

    async def count(_: Msg) -> None:
        nonlocal counted
        counted += 1
        if counted == events:
            done.set()

    started = time.perf_counter()
    await client.jetstream().subscribe(
        ">", stream="LEDGER", ordered_consumer=True, cb=count, pending_msgs_limit=2**22, pending_bytes_limit=2**31
    )
    await asyncio.wait_for(done.wait(), TIMEOUT_S)
    elapsed = time.perf_counter() - started
    await client.close()
    return events / elapsed


def _rebuilt(data: Path, names: Sequence[str], source: str, *, nats_url: str = "") -> Figures:
    _pretend(data, names)
    command = [sys.executable, "-c", "from labkit.cli import main; main()", "rebuild", "--from", source, "--json"]
    which = ["--all"] if len(names) == len(VIEWS) else names
    environment = {**os.environ, **({"NATS_URL": nats_url} if nats_url else {})}
    started = time.perf_counter()
    with (
        subprocess.Popen([*command, "--data", str(data), *which], stdout=subprocess.PIPE, env=environment) as process,
        PeakMemory(process.pid) as memory,
    ):
        answer, _ = process.communicate(timeout=TIMEOUT_S)
    if process.returncode:
        raise RuntimeError("labkit rebuild failed")
    told = json.loads(answer)
    if min(view["position"] for view in told) < _events(data):
        raise RuntimeError("a view was not rebuilt to the end of the log")
    elapsed = time.perf_counter() - started
    return {"elapsed": elapsed, "seconds": sum(view["seconds"] for view in told), "memory_mb": memory.peak_mb}


def _pretend(data: Path, names: Sequence[str]) -> None:
    """Have the live views say that they reflect the whole log: a rebuild goes as far as they do."""
    shutil.rmtree(data / "views", ignore_errors=True)
    head = _events(data)
    for view in VIEWS:
        if view.name in names:
            with closing(ViewStore(view, data / "views")) as store:
                store.open().execute("UPDATE view_position SET position = ?", (head,))
