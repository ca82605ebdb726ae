"""What is being recorded, told to every open page as server-sent events: so many pages at once, and no more.

The `id` of each event is its position, so a page that lost its connection goes on exactly where it stopped.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from weakref import WeakSet

import msgspec
from msgspec import Struct

from projections.reader import ViewReader
from projections.timeline import TimelineEntry
from projections.watch import LOOK_AGAIN_S, Watch

EVENTS_A_READ = 200
RECONNECT_MS = 1000


class Pace(Struct, frozen=True, kw_only=True):
    """How long readers are kept waiting, how often they are told, and how many may listen at once."""

    at_least_timeout_s: float = 5.0
    heartbeat_s: float = 15.0
    counters_every_s: float = 0.5
    listeners_max: int = 200


class TooManyListeners(Exception):
    """As many pages listen as are let in."""


class Counters(Struct, frozen=True, kw_only=True):
    """The figures that the stream of events carries along."""

    position: int
    cases: int
    interactions: int
    steps: int
    open: int
    late: int
    overdue: int


class _Seat:
    """One listener's: kept by what is told to them, so even one who left before the first word leaves it free."""


class Live:
    """Tells every listener what is recorded, and counts once for all of them."""

    def __init__(self, reader: ViewReader, watch: Watch, pace: Pace) -> None:
        """Read from the views, as soon as they move on."""
        self._reader = reader
        self._watch = watch
        self._pace = pace
        self._seats: WeakSet[_Seat] = WeakSet()
        self._counting = asyncio.Lock()
        self._counted_at_s = 0.0
        self._counters: Counters | None = None

    @property
    def listeners(self) -> int:
        """Return how many listen now."""
        return len(self._seats)

    def listen(self, after: int) -> AsyncGenerator[bytes, None]:
        """Return what to send to one more listener, from the event after a position on.

        Raises:
            TooManyListeners: there is no room for another.
        """
        if self.listeners >= self._pace.listeners_max:
            raise TooManyListeners
        seat = _Seat()
        self._seats.add(seat)
        return self._tell(after, seat)

    async def _tell(self, after: int, seat: _Seat) -> AsyncGenerator[bytes, None]:
        try:
            async for message in self._messages(after):
                yield message
        finally:
            self._seats.discard(seat)

    async def _messages(self, position: int) -> AsyncIterator[bytes]:
        yield b"retry: %d\n\n" % RECONNECT_MS
        loop = asyncio.get_running_loop()
        counted, spoke_at_s = -1, loop.time()
        while True:
            ring = self._watch.next_ring()
            entries = await asyncio.to_thread(self._reader.since, position, EVENTS_A_READ)
            if entries:
                yield b"".join(map(_message, entries))
                position, spoke_at_s = entries[-1].position, loop.time()
            # The overview may be folded a moment after the timeline: its figures count for its own position.
            if counted < max(position, 0) and (counters := await self._count()).position != counted:
                counted, spoke_at_s = counters.position, loop.time()
                yield b"event: counters\ndata: %s\n\n" % msgspec.json.encode(counters)
            if len(entries) == EVENTS_A_READ:
                continue
            if loop.time() - spoke_at_s >= self._pace.heartbeat_s:
                spoke_at_s = loop.time()
                yield b": still here\n\n"
            pause_s = self._pace.counters_every_s if counted < position else LOOK_AGAIN_S
            await self._watch.beyond(position, ring, min(pause_s, self._pace.heartbeat_s))

    async def _count(self) -> Counters:
        async with self._counting:
            loop = asyncio.get_running_loop()
            if self._counters is None or loop.time() - self._counted_at_s >= self._pace.counters_every_s:
                overview = await asyncio.to_thread(self._reader.overview, datetime.now(UTC))
                self._counters = msgspec.convert(overview, Counters, from_attributes=True)
                self._counted_at_s = loop.time()
            return self._counters


def _message(entry: TimelineEntry) -> bytes:
    return b"id: %d\nevent: ledger\ndata: %s\n\n" % (entry.position, msgspec.json.encode(entry))
