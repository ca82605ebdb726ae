"""Lets readers wait for a position: woken by a hint, sure by looking again."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

LOOK_AGAIN_S = 1.0


class Behind(Exception):
    """A view did not reach the position asked for in time."""

    def __init__(self, wanted: int, reached: int) -> None:
        """Keep both positions."""
        super().__init__(f"position {wanted} was asked for, {reached} is reached")
        self.wanted = wanted
        self.reached = reached


class Ring(asyncio.Event):
    """One ring of the bell: how far it told of, and the ring after it, so that a slow waiter misses none."""

    told: int | None = None
    following: "Ring"


class Watch:
    """A bell that rings when the views moved on; every waiter hears every ring. For one event loop."""

    def __init__(self) -> None:
        """Start quiet."""
        self._ring = Ring()

    def ring(self, position: int | None = None) -> None:
        """Wake all who wait; `position` is how far the views have come, if it was told."""
        rung, self._ring = self._ring, Ring()
        rung.told, rung.following = position, self._ring
        rung.set()

    def next_ring(self) -> Ring:
        """Return what the next ring sets: taken before looking, it misses no ring that comes while looking."""
        return self._ring

    async def wait(self, ring: Ring, timeout_s: float = LOOK_AGAIN_S) -> None:
        """Return once it has rung, or after the time-out."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await ring.wait()

    async def beyond(self, position: int, ring: Ring, timeout_s: float = LOOK_AGAIN_S) -> None:
        """Return once it has rung for more than a position, or after the time-out."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while True:
            await self.wait(ring, max(0.0, deadline - loop.time()))
            if not ring.is_set() or ring.told is None or ring.told > position:
                return
            ring = ring.following

    async def until(self, position: Callable[[], int], wanted: int, timeout_s: float) -> int:
        """Return a position that is at least the one wanted.

        Raises:
            Behind: it was not reached in time.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        ring = self.next_ring()
        while (reached := await asyncio.to_thread(position)) < wanted:
            left = deadline - loop.time()
            if left <= 0:
                raise Behind(wanted, reached)
            await self.wait(ring, min(left, LOOK_AGAIN_S))
            ring = self.next_ring()
        return reached
