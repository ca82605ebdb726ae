"""Serves the console over the sample town, on any free port, which it prints; for the browser's tests."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator

import msgspec
import uvicorn
from litestar import Litestar, get, post
from litestar.exceptions import NotFoundException
from litestar.response import ServerSentEvent, ServerSentEventMessage
from sample_place import NOW
from sample_town import SampleTown

from projections.console.pages import console, not_found

LOOK_EVERY_S = 0.2


def application(town: SampleTown) -> Litestar:
    """Return the console with a live stream, and a way for a test to make something happen."""

    @get("/events")
    async def events() -> ServerSentEvent:
        return ServerSentEvent(_stream(town))

    @post("/sample/call", sync_to_thread=False)
    def call() -> int:
        return town.call().position

    pages = console(town, now=lambda: NOW)
    return Litestar([pages, events, call], exception_handlers={NotFoundException: not_found})


async def _stream(town: SampleTown) -> AsyncIterator[ServerSentEventMessage]:
    seen = town.position()
    while True:
        for entry in reversed(town.recent(20)):
            if entry.position > seen:
                data = msgspec.json.encode(entry).decode()
                yield ServerSentEventMessage(data=data, event="ledger", id=entry.position)
        if town.position() > seen:
            seen = town.position()
            yield ServerSentEventMessage(data=f'{{"position":{seen}}}', event="counters")
        await asyncio.sleep(LOOK_EVERY_S)


def main() -> None:
    """Serve until stopped."""
    listening = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    town = SampleTown(empty="--empty" in sys.argv)
    config = uvicorn.Config(application(town), log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
