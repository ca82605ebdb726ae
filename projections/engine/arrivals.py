"""What has arrived from the stream for one reader: events one after the other, or a doubt. No network here."""

import asyncio
from typing import Protocol

from projections.engine.items import FeedItem, Misplaced, read_item

HEARTBEAT_S = 2.0
PULL_SIZE = 1_000
# `$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>…`; the longer form has a domain and an account before the stream.
_SHORT_REPLY_TOKENS, _SEQUENCE_TOKEN = 9, 5


class StreamDoubt(Exception):
    """The subscription may have missed something: start again from the view's position."""


class Delivered(Protocol):
    """What the client library hands over: an event, or a word from the server."""

    @property
    def data(self) -> bytes:
        """Return the event, if it is one."""
        ...

    @property
    def reply(self) -> str:
        """Return the subject that would acknowledge it, and that counts the messages."""
        ...

    @property
    def headers(self) -> dict[str, str] | None:
        """Return the headers; a word from the server has a status."""
        ...


class Arrivals:
    """The inbox of one reader: what came and was not taken yet, and how much more was asked for."""

    def __init__(self, after: int) -> None:
        """Expect the event after a position."""
        self.outstanding = 0
        self._reached = after
        self._messages: list[Delivered] = []
        self._arrived = asyncio.Event()

    async def collect(self, message: Delivered) -> None:
        """Keep a message until it is taken."""
        self._messages.append(message)
        self._arrived.set()

    async def take(self) -> list[FeedItem]:
        """Wait for messages and return the events among them, maybe none.

        Raises:
            StreamDoubt: not even a heartbeat came, the server has lost the reader, or an event is missing.
        """
        try:
            async with asyncio.timeout(HEARTBEAT_S * 2.5):
                await self._arrived.wait()
        except TimeoutError as error:
            raise StreamDoubt("the server is silent") from error
        self._arrived.clear()
        messages, self._messages = self._messages, []
        page = [item for message in messages if (item := self._read(message)) is not None]
        if [item.position for item in page] != list(range(self._reached + 1, self._reached + len(page) + 1)):
            raise StreamDoubt(f"event {page[0].position} came after {self._reached}")
        self._reached += len(page)
        return page

    def _read(self, message: Delivered) -> FeedItem | None:
        headers = message.headers or {}
        match headers.get("Status") if not message.data else None:
            case None:
                self.outstanding -= 1
                try:
                    return read_item(_sequence(message), message.data)
                except Misplaced as error:
                    raise StreamDoubt(str(error)) from error
            case "100":
                return None
            case "408":
                self.outstanding -= int(headers.get("Nats-Pending-Messages", PULL_SIZE))
                return None
            case status:
                raise StreamDoubt(f"the server has lost this reader ({status} {headers.get('Description', '')})")


def honour_cancellation() -> None:
    """End the current task if it was told to: `asyncio.wait_for`, which the library uses, can lose it before 3.12.

    Raises:
        CancelledError: it was told to.
    """
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


def _sequence(message: Delivered) -> int:
    tokens = message.reply.split(".")
    return int(tokens[_SEQUENCE_TOKEN if len(tokens) == _SHORT_REPLY_TOKENS else _SEQUENCE_TOKEN + 2])
