"""The roles of the read side, each a process of its own: `python -m projections run` and `… serve`."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

import uvicorn

from projections import VIEWS
from projections.api import create_app, read_routes
from projections.console.pages import console
from projections.engine.consumer import StreamFeed, StreamUnreachable, connect, hearing
from projections.engine.runner import Runner
from projections.reader import ViewReader
from projections.watch import Watch

EXIT_USAGE, EXIT_NATS = 2, 7
LOOPBACK = "127.0.0.1"


async def run(directory: Path, nats_url: str) -> None:
    """Fold the stream into the views until interrupted."""
    client = await connect(nats_url, "projections")
    runner = Runner(VIEWS, directory)
    try:
        await runner.run(StreamFeed(client))
    finally:
        runner.close()
        await client.close()


def serve(directory: Path, nats_url: str, port: int) -> None:
    """Answer readers over HTTP until interrupted; without a key, sealed texts stay sealed."""
    reader, watch = ViewReader(directory), Watch()

    # The server raises SIGTERM again once it has stopped, which would end the process with a signal.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app = create_app([read_routes(reader, watch), console(reader)], hearing(nats_url, watch.ring))
    uvicorn.run(app, host=LOOPBACK, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=2)


async def _until_stopped(directory: Path, nats_url: str) -> None:
    task = asyncio.create_task(run(directory, nats_url))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await task


def main(arguments: list[str]) -> int:
    """Run one role; return its exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    parser = argparse.ArgumentParser(prog="python -m projections", description=__doc__)
    parser.add_argument("role", choices=["run", "serve"])
    parser.add_argument("--data", type=Path, default=Path(".collectivilab"), help="the data directory")
    parser.add_argument("--port", type=int, default=8422, help="where `serve` listens, on 127.0.0.1 only")
    given = parser.parse_args(arguments)
    nats_url = os.environ.get("NATS_URL", "nats://127.0.0.1:4222")
    try:
        if given.role == "serve":
            serve(given.data / "views", nats_url, given.port)
        else:
            asyncio.run(_until_stopped(given.data / "views", nats_url))
    except asyncio.CancelledError:
        return 0
    except StreamUnreachable as error:
        print(f"projections: {error}", file=sys.stderr)
        return EXIT_NATS
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
