"""From the log to the stream, in order, each event once. The stream's own end is the only checkpoint.

The relay never looks at a request: it reads the log. After any doubt it looks at the stream again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec import Struct

from ledger.domain.case import Placement
from ledger.domain.record import LoggedEvent
from ledger.publishing.message import End, Message, PublishDoubt, StreamMismatch
from ledger.publishing.published import compose
from ledger.publishing.subjects import subject_of

__all__ = ["Log", "Pace", "Relay", "Stream", "StreamMismatch"]

log = logging.getLogger(__name__)
_REMEDY = "Nothing was published: after a restoration, begin a new epoch with `labkit rebuild stream --new-epoch`."


class Log(Protocol):
    """The part of the ledger that the relay reads."""

    def read(self, after: int, limit: int) -> list[LoggedEvent]:
        """Return events after a position, in ledger order."""
        ...

    def head(self) -> int:
        """Return the position of the last event."""
        ...


class Stream(Protocol):
    """The part of the stream that the relay needs: NATS in earnest, memory in a simulation."""

    async def ensure(self) -> None:
        """Make the stream if it is not there."""

    async def end(self) -> End:
        """Return where the stream ends."""
        ...

    async def append(self, messages: list[Message]) -> None:
        """Append messages in order, or raise `PublishDoubt`."""


class Pace(Struct, frozen=True, kw_only=True):
    """The bounds of the relay."""

    batch_size_max: int = 1_000
    idle_wait_s: float = 1.0
    doubt_wait_s: float = 0.1
    doubt_wait_max_s: float = 2.0


class Relay:
    """Copies the log to the stream until it is cancelled."""

    def __init__(
        self,
        log_: Log,
        stream: Stream,
        *,
        source: str,
        wait: Callable[[float], Awaitable[None]],
        pace: Pace | None = None,
    ) -> None:
        """Copy from a log to a stream; `wait` returns at the next hint or after the time-out."""
        self._log = log_
        self._stream = stream
        self._source = source
        self._wait = wait
        self._pace = pace or Pace()
        self._reading: tuple[int, asyncio.Task[list[Message]]] | None = None

    async def run(self) -> None:
        """Publish for ever.

        Raises:
            StreamMismatch: the stream holds what this ledger does not, or cannot take what it holds.
        """
        doubts = 0
        try:
            while True:
                try:
                    position = await self.locate()
                    while True:
                        position = await self.publish_after(position)
                        doubts = 0
                except PublishDoubt as doubt:
                    doubts += 1
                    log.warning("Looking at the stream again: %s", doubt)
                    await asyncio.sleep(min(self._pace.doubt_wait_s * doubts, self._pace.doubt_wait_max_s))
        finally:
            if self._reading:
                await asyncio.wait([self._reading[1]])

    async def locate(self) -> int:
        """Return the position up to which the stream is a copy of the ledger."""
        await self._stream.ensure()
        end = await self._stream.end()
        if end.position == 0:
            return 0
        head = await asyncio.to_thread(self._log.head)
        if end.position > head:
            raise StreamMismatch(
                f"The stream ends at position {end.position}, the ledger at {head}: the ledger was restored from an "
                f"older copy, or this is another ledger's stream. {_REMEDY}"
            )
        (own,) = await asyncio.to_thread(self._log.read, end.position - 1, 1)
        if (own.event_id, own.metadata.recorded_at) != (end.event_id, end.recorded_at):
            raise StreamMismatch(
                f"At position {end.position} the stream does not hold the ledger's event: "
                f"it was restored from an older copy, or the stream is another ledger's or was written into. {_REMEDY}"
            )
        return end.position

    async def publish_after(self, position: int) -> int:
        """Publish the next events after a position, or wait for some; return the position reached."""
        messages = await self._next_messages(position)
        if not messages:
            await self._wait(self._pace.idle_wait_s)
            return position
        reached = messages[-1].position
        if len(messages) == self._pace.batch_size_max:
            # A backlog: what comes next is read while the server keeps this.
            self._reading = reached, asyncio.create_task(self._read(reached))
        await self._stream.append(messages)
        return reached

    async def _next_messages(self, position: int) -> list[Message]:
        reading, self._reading = self._reading, None
        if reading is None:
            return await self._read(position)
        after, messages = reading
        # After a doubt the stream may end elsewhere; either way nobody else waits for what was read.
        read = await messages
        return read if after == position else await self._read(position)

    async def _read(self, position: int) -> list[Message]:
        return await asyncio.to_thread(self._compose_after, position)

    def _compose_after(self, position: int) -> list[Message]:
        return [self._message(event) for event in self._log.read(position, self._pace.batch_size_max)]

    def _message(self, event: LoggedEvent) -> Message:
        about = event.metadata
        filed = Placement(about.authority, about.service, about.channel)
        return Message(event.position, event.event_id, subject_of(filed, event.tag), compose(event, self._source))
