"""What a view took note of, range by range, so that an event left out or taken twice shows without folding again.

The table `folded`, written in the transaction of the position, has a row for every 10,000 positions, the
first of which are 1, 10001, 20001…: how many events of that range the view took note of, folded or parked,
and the sum of their identifiers as whole numbers, modulo 2^128, big end first. A sum does not depend on the
pages. What is so unreadable that it has no identifier is counted and adds nothing.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple, Protocol
from uuid import UUID

RANGE_SIZE = 10_000
DIGEST_BYTES = 16
_MODULUS = 1 << 8 * DIGEST_BYTES

_READ = "SELECT events, digest FROM folded WHERE range_start = ?"
_WRITE = """
INSERT INTO folded (range_start, events, digest) VALUES (?, ?, ?)
ON CONFLICT (range_start) DO UPDATE SET events = excluded.events, digest = excluded.digest
"""


class Noted(Protocol):
    """An event as far as a range is concerned."""

    @property
    def position(self) -> int:
        """Return its place in the ledger."""
        ...

    @property
    def event_id(self) -> UUID | None:
        """Return its identifier, if it can be read."""
        ...


class RangeSum(NamedTuple):
    """Some events of one range: how many, and the sum of their identifiers."""

    range_start: int
    events: int
    total: int

    @property
    def digest(self) -> bytes:
        """Return the sum as it is stored."""
        return self.total.to_bytes(DIGEST_BYTES, "big")


def start_of(position: int) -> int:
    """Return the first position of the range of a position."""
    return position - (position - 1) % RANGE_SIZE


def sums(events: Iterable[Noted]) -> list[RangeSum]:
    """Return what events that follow one another add to their ranges."""
    return [_sum(start, within) for start, within in groupby(events, lambda event: start_of(event.position))]


def note(database: sqlite3.Connection, added: Iterable[RangeSum]) -> None:
    """Add to what a view took note of."""
    for start, events, total in added:
        before = database.execute(_READ, (start,)).fetchone()
        events_before, total_before = (before[0], int.from_bytes(before[1], "big")) if before else (0, 0)
        noted = RangeSum(start, events_before + events, (total_before + total) % _MODULUS)
        database.execute(_WRITE, (start, noted.events, noted.digest))


def noted_in(database: sqlite3.Connection) -> Iterator[RangeSum]:
    """Return what a view took note of, range by range."""
    for start, events, digest in database.execute("SELECT range_start, events, digest FROM folded ORDER BY 1"):
        yield RangeSum(start, events, int.from_bytes(digest, "big"))


def _sum(start: int, within: Iterator[Noted]) -> RangeSum:
    numbers = [event.event_id.int if event.event_id else 0 for event in within]
    return RangeSum(start, len(numbers), sum(numbers) % _MODULUS)
