"""Where a simulated process can end: every effect on what survives it passes through here, before and after.

An armed fault strikes at the n-th effect from then on, so that a number drawn by Hypothesis chooses among all the
places where a crash can come between two effects.
"""

import sqlite3
from enum import Enum

from eventsourcing.persistence import OperationalError


class Crash(BaseException):
    """The process has ended: no `except Exception` of the code under test may survive it."""


class Kind(Enum):
    """What happens at the chosen effect."""

    CRASH = "the process ends"
    FAILURE = "the effect raises, the process goes on"


class Effects:
    """Counts effects, and strikes at one of them."""

    def __init__(self) -> None:
        self.struck: str | None = None
        self._left: int | None = None
        self._kind = Kind.CRASH

    def arm(self, after: int | None, kind: Kind = Kind.CRASH) -> None:
        """Strike after so many effects; `None` disarms."""
        self.struck = None
        self._left, self._kind = after, kind

    def reach(self, place: str) -> None:
        """Pass a place between two effects, or end there."""
        if self._left is None:
            return
        if self._left > 0:
            self._left -= 1
            return
        self._left = None
        self.struck = place
        if self._kind is Kind.CRASH:
            raise Crash(place)
        raise (sqlite3.OperationalError if "key" in place else OperationalError)(place)
