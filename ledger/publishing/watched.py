"""The stream of the relay while it is watched: the same one, wrapped. Unwatched, nothing of this is there."""

import math
from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from ledger.publishing.message import End, Message
from ledger.publishing.relay import Log, Stream
from ledger.watching.instruments import Instruments

if TYPE_CHECKING:
    from ledger.watching.meters import Reading


def watched(stream: Stream, log: Log, instruments: Instruments) -> Stream:
    """Return the stream that a relay copies a log to, watched if there is anything to watch it with."""
    return WatchedStream(stream, log, instruments) if instruments.tracing or instruments.meters else stream


class WatchedStream:
    """A stream that tells how far it has come, and ties each page to the appends of its events."""

    def __init__(self, stream: Stream, log: Log, instruments: Instruments) -> None:
        """Wrap the stream of a log."""
        self._stream = stream
        self._log = log
        self._tracing = instruments.tracing
        self._position: int | None = None
        if instruments.meters:
            instruments.meters.show(self._readings)

    async def ensure(self) -> None:
        """Make the stream if it is not there."""
        await self._stream.ensure()

    async def end(self) -> End:
        """Return where the stream ends."""
        self._position = None
        end = await self._stream.end()
        self._position = end.position
        return end

    async def append(self, messages: list[Message]) -> None:
        """Append messages in order."""
        first, last = messages[0].position, messages[-1].position
        page = {"ledger.position.first": first, "ledger.position.last": last}
        with self._tracing.page("publish", _traceparents(messages), page) if self._tracing else nullcontext():
            await self._stream.append(messages)
        self._position = last

    def _readings(self) -> "list[Reading]":
        from ledger.watching.meters import Reading  # noqa: PLC0415  # the extra may not be installed

        position = math.nan if self._position is None else self._position
        return [Reading("relay_position", position), Reading("relay_lag", self._log.head() - position)]


class _Traced(Struct):
    """All that is read of a message to know what it belongs to."""

    traceparent: str | None = None


_decode = msgspec.json.Decoder(_Traced).decode


def _traceparents(messages: list[Message]) -> Iterator[str | None]:
    return (_decode(message.payload).traceparent for message in messages)
