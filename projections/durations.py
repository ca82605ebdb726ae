"""How long cases take, from their first step to their last: exact ranks among all of them, by an index."""

from sqlite3 import Connection

from msgspec import Struct

from ledger.domain.vocabulary import Channel

HOUR = 60 * 60 * 1_000_000

_WORKED = "SELECT sum(worked) FROM channels"
_WORKED_ON = "SELECT sum(worked) FROM channels WHERE channel = :channel"
_SHORTEST = """
SELECT duration FROM cases WHERE duration IS NOT NULL ORDER BY duration LIMIT :count OFFSET :skipped
"""
_SHORTEST_ON = """
SELECT duration FROM cases WHERE channel = :channel AND duration IS NOT NULL
ORDER BY duration LIMIT :count OFFSET :skipped
"""
_LONGEST = """
SELECT duration FROM cases WHERE duration IS NOT NULL ORDER BY duration DESC LIMIT :count OFFSET :skipped
"""
_LONGEST_ON = """
SELECT duration FROM cases WHERE channel = :channel AND duration IS NOT NULL
ORDER BY duration DESC LIMIT :count OFFSET :skipped
"""


class Durations(Struct, frozen=True):
    """The middle of the durations of a group of cases, and what nine in ten do not exceed."""

    median_hours: float | None = None
    ninth_decile_hours: float | None = None


def durations(db: Connection, channel: Channel | None = None) -> Durations:
    """Exact median (mean of the two middle ones if even) and ninth decile (nearest rank: the ⌈0.9 n⌉-th).

    Of the cases that had a step; of those opened on one channel, or of all.
    """
    of = {"channel": channel.value if channel else None}
    (count,) = db.execute(_WORKED_ON if channel else _WORKED, of).fetchone()
    if not count:
        return Durations()
    shortest, longest = (_SHORTEST_ON, _LONGEST_ON) if channel else (_SHORTEST, _LONGEST)
    middle = {**of, "count": 2 - count % 2, "skipped": (count - 1) // 2}
    middles = [duration for (duration,) in db.execute(shortest, middle)]
    ninth_decile = db.execute(longest, {**of, "count": 1, "skipped": count // 10}).fetchone()[0]
    return Durations(sum(middles) / len(middles) / HOUR, ninth_decile / HOUR)
