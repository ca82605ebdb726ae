"""What has arrived from the stream for one reader: events one after the other, or a doubt. No network here."""

import asyncio
from typing import Protocol

from projections.engine.items import FeedItem, Misplaced, read_item

HEARTBEAT_S = 2.0
PULL_SIZE = 4_000
# `$JS.ACK.<stream>.<consumer>.<deliveries>.<position>.<rank>…`; the longer form has a domain and an account before.
_SHORT_REPLY_TOKENS, _POSITION_TOKEN = 9, 5
_Message = tuple[bytes, str, dict[str, str] | None]


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
    """The inbox of one reader: what came and was not taken yet, and how much more was asked for.

    The server counts what it delivers to a consumer, so a rank left out or repeated tells of a message lost or come
    twice, whatever the stream holds. In a whole stream positions have no gap either.
    """

    def __init__(self, after: int, *, whole: bool = True) -> None:
        """Expect the event after a position, the first that a new consumer delivers."""
        self.outstanding = 0
        self._whole = whole
        self._reached = after
        self._rank = 0
        self._messages: list[_Message] = []
        self._arrived = asyncio.Event()

    async def collect(self, message: Delivered) -> None:
        """Keep a message until it is taken."""
        self.keep(message.data, message.reply, message.headers)

    def keep(self, data: bytes, reply: str, headers: dict[str, str] | None = None) -> None:
        """Keep the parts of a message until it is taken; of an event nobody reads the headers."""
        self._messages.append((data, reply, headers))
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
        return [item for message in messages if (item := self._read(message)) is not None]

    def _read(self, message: _Message) -> FeedItem | None:
        data, reply, headers = message
        headers = headers or {}
        match headers.get("Status") if not data else None:
            case None:
                self.outstanding -= 1
                return self._read_event(data, reply)
            case "100":
                return None
            case "408":
                self.outstanding -= int(headers.get("Nats-Pending-Messages", PULL_SIZE))
                return None
            case status:
                raise StreamDoubt(f"the server has lost this reader ({status} {headers.get('Description', '')})")

    def _read_event(self, data: bytes, reply: str) -> FeedItem:
        position, rank = place_of(reply)
        follows = position == self._reached + 1 if self._whole else position > self._reached
        if rank != self._rank + 1 or not follows:
            raise StreamDoubt(f"event {position} came after {self._reached}, as message {rank} after {self._rank}")
        try:
            item = read_item(position, data)
        except Misplaced as error:
            raise StreamDoubt(str(error)) from error
        self._reached, self._rank = position, rank
        return item


def place_of(reply: str) -> tuple[int, int]:
    """Return the position of a delivered event, and its rank among what its consumer was delivered."""
    tokens = reply.split(".")
    first = _POSITION_TOKEN if len(tokens) == _SHORT_REPLY_TOKENS else _POSITION_TOKEN + 2
    return int(tokens[first]), int(tokens[first + 1])


def honour_cancellation() -> None:
    """End the current task if it was told to: `asyncio.wait_for`, which the library uses, can lose it before 3.12.

    Raises:
        CancelledError: it was told to.
    """
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError
