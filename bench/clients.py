"""Clients that do the same work over and over, as threads or as coroutines, and what that makes: a rate and latencies.

What ends while everything is still warming up does not count.
"""

import asyncio
import math
import threading
import time
from collections.abc import Awaitable, Callable

Figures = dict[str, float]
WARM_UP_SHARE = 0.2


class Clock:
    """When the counting begins and when it is over."""

    def __init__(self, seconds: float) -> None:
        """Start warming up now."""
        self.counts_from = time.perf_counter() + seconds * WARM_UP_SHARE
        self.ends_at = self.counts_from + seconds
        self.latencies: list[float] = []

    def goes_on(self) -> bool:
        """Tell whether there is time for another piece of work."""
        return time.perf_counter() < self.ends_at

    def counting(self) -> bool:
        """Tell whether what ends now counts."""
        return self.counts_from <= time.perf_counter() < self.ends_at

    def count(self, started: float) -> None:
        """Take note of a piece of work that ends now."""
        ended = time.perf_counter()
        if self.counts_from <= ended < self.ends_at:
            self.latencies.append(ended - started)

    def figures(self, *, each: int = 1) -> Figures:
        """Return the rate, `each` piece of work being so many events, and how long the pieces took.

        Raises:
            RuntimeError: nothing was done in time.
        """
        if not self.latencies:
            raise RuntimeError("nothing was done in so short a time: measure for longer")
        return {
            "value": len(self.latencies) * each / (self.ends_at - self.counts_from),
            **milliseconds(self.latencies),
        }


def milliseconds(latencies: list[float]) -> Figures:
    """Return the median and the 99th percentile of durations in seconds."""
    ordered = sorted(latencies)
    if not ordered:
        return {}
    return {f"p{share}_ms": 1000 * ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)] for share in (50, 99)}


def in_threads(work: Callable[[int, int], object], clients: int, *, seconds: float) -> Figures:
    """Let so many threads call `work(client, rank)`, each again and again."""
    clock = Clock(seconds)
    failures: list[Exception] = []

    def client(number: int) -> None:
        rank = 0
        try:
            while clock.goes_on():
                started = time.perf_counter()
                work(number, rank)
                clock.count(started)
                rank += 1
        except Exception as failure:  # noqa: BLE001  # one client's failure is the row's, told by its process
            failures.append(failure)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return clock.figures()


async def in_coroutines(work: Callable[[int, int], Awaitable[object]], clients: int, *, seconds: float) -> Figures:
    """Let so many coroutines await `work(client, rank)`, each again and again."""
    clock = Clock(seconds)

    async def client(number: int) -> None:
        rank = 0
        while clock.goes_on():
            started = time.perf_counter()
            await work(number, rank)
            clock.count(started)
            rank += 1

    await asyncio.gather(*[client(number) for number in range(clients)])
    return clock.figures()
