"""How sure a share is: Wilson's interval, and Newcombe's for the difference of two; sound for few cases."""

from math import sqrt
from typing import NamedTuple

Z_95 = 1.959964


class Interval(NamedTuple):
    """Where a value lies, nineteen times out of twenty."""

    low: float
    high: float


def wilson(sent: int, shown: int) -> Interval:
    """Return the interval of a share."""
    if shown == 0:
        return Interval(0.0, 1.0)
    share, spread = sent / shown, Z_95**2 / shown
    centre = share + spread / 2
    half = Z_95 * sqrt(share * (1 - share) / shown + spread / (4 * shown))
    return Interval(max(0.0, (centre - half) / (1 + spread)), min(1.0, (centre + half) / (1 + spread)))


def difference(one: tuple[int, int], other: tuple[int, int]) -> Interval:
    """Return the interval of the second share less the first, each given as how many of how many."""
    first, second = (sent / shown if shown else 0.5 for sent, shown in (one, other))
    a, b = wilson(*one), wilson(*other)
    gap = second - first
    return Interval(
        gap - sqrt((second - b.low) ** 2 + (a.high - first) ** 2),
        gap + sqrt((b.high - second) ** 2 + (first - a.low) ** 2),
    )
