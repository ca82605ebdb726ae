"""What the auditor can find, each with the range it is in and the first position that it concerns."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from projections.engine.ranges import RANGE_SIZE, start_of


class Kind(StrEnum):
    """In which way something differs from the ledger."""

    GAP = "gap"
    AHEAD = "ahead"
    MISSING = "missing"
    FOREIGN = "foreign"
    ALTERED = "altered"
    MISCOUNTED = "miscounted"
    OTHER_EVENTS = "other-events"
    OTHER_ROWS = "other-rows"
    PARKED = "parked"


class Range(Struct, frozen=True):
    """Positions from the first to the last, both included."""

    first: int
    last: int


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that differs: in the `ledger` itself, in the `stream`, or in the view of that name."""

    of: str
    kind: Kind
    first: int
    last: int
    position: int
    expected: int = 0
    found: int = 0
    tables: tuple[str, ...] = ()


LEDGER, STREAM = "ledger", "stream"


def ranges(position: int, head: int) -> Iterator[Range]:
    """Return the ranges from that of a position to that of the head, cut there."""
    for first in range(start_of(max(position, 1)), head + 1, RANGE_SIZE):
        yield Range(first, min(first + RANGE_SIZE - 1, head))
