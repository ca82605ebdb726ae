"""Our relay, from a log that is already full to an empty stream, fenced and in order."""

import asyncio
import time
from contextlib import closing, suppress

import uvloop

from bench import servers
from bench.clients import Figures
from bench.programs.filled_log import filled_log
from ledger.application import ReadOnlyLog
from ledger.publishing.jetstream import LedgerStream, connect
from ledger.publishing.relay import Relay
from ledger.settings import Settings

EVENTS_A_SECOND = 15_000
TIMEOUT_S, LOOK_EVERY_S = 120.0, 0.001


def ours(*, seconds: float, sync: str = "default") -> Figures:
    """Return events a second until the stream ends where the log does."""
    data = filled_log(int(EVENTS_A_SECOND * seconds))
    with servers.nats(sync) as url, closing(ReadOnlyLog(Settings(data=data))) as log:
        return uvloop.run(relayed(url, log))


async def relayed(url: str, log: ReadOnlyLog) -> Figures:
    """Relay a whole log, and return how fast."""
    client = await connect(url, "bench-relay", attempts=10, wait_s=0.1)
    stream, caught_up = LedgerStream(client), asyncio.Event()

    async def wait(timeout_s: float) -> None:
        caught_up.set()
        await asyncio.sleep(timeout_s)

    try:
        await stream.ensure()
        started = time.perf_counter()
        task = asyncio.create_task(Relay(log, stream, source="https://bench.example/ledger", wait=wait).run())
        async with asyncio.timeout(TIMEOUT_S):
            await caught_up.wait()
            while (await stream.end()).position < log.head():  # noqa: ASYNC110  # the stream tells nobody
                await asyncio.sleep(LOOK_EVERY_S)
        elapsed = time.perf_counter() - started
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return {"value": log.head() / elapsed}
    finally:
        await client.close()
