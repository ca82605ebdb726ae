"""Relays that copy the log of a test to a real server, and the comparison of the copy with the log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from ledger.publishing.jetstream import LEDGER_HINT, Hints, LedgerStream, connect
from ledger.publishing.message import Message, PublishDoubt
from ledger.publishing.published import compose
from ledger.publishing.relay import Pace, Relay

if TYPE_CHECKING:
    from tests.conftest import MemoryLog, NatsServer

SOURCE = "https://pau.example/ledger"
HASTE = Pace(idle_wait_s=0.05, doubt_wait_s=0.01, doubt_wait_max_s=0.05)


class Copying:
    """A log, a server, and what brings the one to the other."""

    def __init__(self, server: "NatsServer", log: "MemoryLog") -> None:
        self.server = server
        self.log = log

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[LedgerStream]:
        """The stream, made, through a connection of its own."""
        client = await connect(self.server.broker.ledger_url, "test", attempts=20, wait_s=0.1)
        try:
            stream = LedgerStream(client)
            await stream.ensure()
            yield stream
        finally:
            await client.close()

    @asynccontextmanager
    async def relay(self, pace: Pace = HASTE) -> "AsyncIterator[asyncio.Task[None]]":
        """A relay at work, with a connection of its own."""
        client = await connect(self.server.broker.ledger_url, "relay", attempts=20, wait_s=0.1)
        hints = Hints(client)
        await hints.listen(LEDGER_HINT)
        relay = Relay(self.log, LedgerStream(client), source=SOURCE, wait=hints.wait, pace=pace)
        task = asyncio.create_task(relay.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])
            await client.close()

    def messages(self) -> list[Message]:
        """The whole log, ready to be published."""
        relay = Relay(self.log, None, source=SOURCE, wait=asyncio.sleep)  # type: ignore[arg-type]  # it only composes
        return [relay._message(event) for event in self.log.events]

    async def end(self) -> int:
        """The position at which the stream ends."""
        while True:
            with suppress(PublishDoubt):
                async with self.stream() as stream:
                    return (await stream.end()).position

    async def until(self, position: int) -> None:
        """Wait until the stream ends at a position, or later."""
        async with asyncio.timeout(30):
            while await self.end() < position:  # noqa: ASYNC110  # another program moves it
                await asyncio.sleep(0.01)

    async def is_exact(self, count: int | None = None) -> bool:
        """Whether the stream holds the first events of the log, all of them by default, and nothing else."""
        events = self.log.events[:count]
        if await self.end() != len(events):
            return False
        messages = await self.server.messages(len(events))
        return [(message.metadata.sequence.stream, message.data) for message in messages] == [
            (event.position, compose(event, SOURCE)) for event in events
        ]


@pytest.fixture
def copying(server: "NatsServer", log: "MemoryLog") -> Copying:
    """An empty log beside an empty server."""
    return Copying(server, log)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long for an answer that does not come."""
    monkeypatch.setattr("ledger.publishing.jetstream.ACK_TIMEOUT_S", 0.5)
    monkeypatch.setattr("ledger.publishing.jetstream.CONNECT_TIMEOUT_S", 0.5)
