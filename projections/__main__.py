"""The roles of the read side, each a process of its own: `python -m projections run` and `… serve`."""

import argparse
import asyncio
import gc
import os
import signal
import sys
from pathlib import Path

import uvicorn
from msgspec import Struct

from ledger.watching.asked import WatchingError, read_asked
from ledger.watching.http import HttpInstruments
from ledger.watching.instruments import Instruments, begin
from projections import VIEWS
from projections.api import create_app, read_routes
from projections.console.pages import console
from projections.engine.consumer import StreamFeed, StreamUnreachable, connect, hearing
from projections.engine.lease import Leases, Names, fold_what_is_held, leases_of
from projections.engine.place import DriverMissing, Place, place_of
from projections.engine.runner import Runner
from projections.engine.watched import traced_pages
from projections.health import health_routes
from projections.reader import ViewReader
from projections.watch import Watch

EXIT_USAGE, EXIT_NATS = 2, 7
LOOPBACK = "127.0.0.1"


class Folding(Struct, frozen=True, kw_only=True):
    """What one process folds: some views, or its part of all."""

    place: Place
    pinned: tuple[str, ...] = ()

    @property
    def leases(self) -> Leases:
        """Return the leases that the process may hold."""
        names = self.pinned or tuple(view.name for view in VIEWS)
        return leases_of(self.place, names, shared=not self.pinned)

    def runner(self, names: Names, instruments: Instruments) -> Runner:
        """Return the writer of some views."""
        runner = Runner([view for view in VIEWS if view.name in names], self.place)
        if instruments.tracing:
            runner.around_page = traced_pages(instruments.tracing)
        return runner


async def run(folding: Folding, nats_url: str, instruments: Instruments) -> None:
    """Fold the stream into the views whose leases this process holds, until interrupted."""
    client = await connect(nats_url, "projections")
    _show(ViewReader(folding.place), instruments)

    async def fold(names: Names) -> None:
        runner = folding.runner(names, instruments)
        try:
            await runner.run(StreamFeed(client))
        finally:
            runner.close()

    try:
        await fold_what_is_held(folding.leases, fold)
    finally:
        await client.close()


def serve(place: Place, nats_url: str, port: int, instruments: Instruments) -> None:
    """Answer readers over HTTP until interrupted; without a key, sealed texts stay sealed."""
    reader, watch = ViewReader(place), Watch()
    _show(reader, instruments)

    # The server raises SIGTERM again once it has stopped, which would end the process with a signal.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    plugin = HttpInstruments(instruments, "reader")
    app = create_app(
        [read_routes(reader, watch), console(reader), health_routes(reader)],
        hearing(nats_url, watch.ring),
        plugins=[plugin],
    )
    uvicorn.run(app, host=LOOPBACK, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=2)


def _show(reader: ViewReader, instruments: Instruments) -> None:
    if instruments.meters:
        from projections.readings import view_readings  # noqa: PLC0415  # the extra may not be installed

        instruments.meters.show(lambda: view_readings(reader))


async def _until_stopped(folding: Folding, nats_url: str, instruments: Instruments) -> None:
    # What a program is made of lives as long as it does: the collector need not walk through it while all wait.
    gc.freeze()
    task = asyncio.create_task(run(folding, nats_url, instruments))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await task


def _names(given: str) -> tuple[str, ...]:
    names, known = tuple(given.split(",")), {view.name for view in VIEWS}
    if unknown := sorted(set(names) - known):
        raise argparse.ArgumentTypeError(f"there is no view {unknown[0]}; the views are {', '.join(sorted(known))}")
    return names


def main(arguments: list[str]) -> int:
    """Run one role; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m projections", description=__doc__)
    parser.add_argument("role", choices=["run", "serve"])
    parser.add_argument("--data", type=Path, default=Path(".collectivilab"), help="the data directory")
    parser.add_argument("--port", type=int, default=8422, help="where `serve` listens, on 127.0.0.1 only")
    parser.add_argument("--views", type=_names, default=(), help="fold these only, separated by commas")
    given = parser.parse_args(arguments)
    place = place_of(given.data, os.environ.get("DATABASE_URL"))
    nats_url = os.environ.get("NATS_URL", "nats://127.0.0.1:4222")
    try:
        asked = read_asked(os.environ)
        if given.role == "serve":
            serve(place, nats_url, given.port, begin("reader", asked))
        else:
            folding = Folding(place=place, pinned=given.views)
            asyncio.run(_until_stopped(folding, nats_url, begin("views", asked)))
    except asyncio.CancelledError:
        return 0
    except StreamUnreachable as error:
        print(f"projections: {error}", file=sys.stderr)
        return EXIT_NATS
    except (WatchingError, DriverMissing) as error:
        print(f"projections: {error}", file=sys.stderr)
        return EXIT_USAGE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
