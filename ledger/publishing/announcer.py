"""Tells the relay that something was appended. Losing an announcement costs a second, never an event."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ledger.publishing.jetstream import LEDGER_HINT, Client, Hints, NatsUnreachable, connect

RETRY_WAIT_S = 1.0


class Announcer:
    """Hears from the writing thread, speaks from the event loop; a ledger works without any NATS."""

    def __init__(self) -> None:
        """Start silent."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._moved = asyncio.Event()
        self._position = 0

    def announce(self, position: int) -> None:
        """Take note of a new head; may be called from any thread."""
        self._position = position
        loop = self._loop
        # The loop may end at any moment, and the writing thread must not end with it.
        with suppress(RuntimeError):
            if loop:
                loop.call_soon_threadsafe(self._moved.set)

    @asynccontextmanager
    async def speaking(self, nats_url: str | None) -> AsyncIterator[None]:
        """Announce for as long as the context lasts."""
        self._loop = asyncio.get_running_loop()
        task = asyncio.create_task(self._speak(nats_url)) if nats_url else None
        try:
            yield
        finally:
            self._loop = None
            if task:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _speak(self, nats_url: str) -> None:
        client = await _connect_patiently(nats_url)
        try:
            hints = Hints(client)
            while True:
                await self._moved.wait()
                self._moved.clear()
                await hints.give(LEDGER_HINT, self._position)
        finally:
            await client.close()


async def _connect_patiently(nats_url: str) -> Client:
    while True:
        try:
            return await connect(nats_url, "ledger-announcer")
        except NatsUnreachable:
            await asyncio.sleep(RETRY_WAIT_S)
