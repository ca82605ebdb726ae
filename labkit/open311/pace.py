"""How many requests a partner may make: so many at once, and so many a second after that."""

import time
from collections.abc import Callable

from msgspec import Struct


class _Bucket(Struct):
    """What is left to one partner, as of one moment."""

    left: float
    at_s: float


class Pace:
    """A token bucket for each partner; there are no more buckets than partners with a key."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def wait_s(self, partner: str, *, burst: int, per_second: float) -> float:
        """Count one request; return 0, or how long to wait when it is one too many."""
        now = self._clock()
        bucket = self._buckets.setdefault(partner, _Bucket(burst, now))
        bucket.left = min(burst, bucket.left + (now - bucket.at_s) * per_second)
        bucket.at_s = now
        if bucket.left < 1:
            return (1 - bucket.left) / per_second
        bucket.left -= 1
        return 0.0
