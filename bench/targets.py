"""The speed to reach, told as data in `targets.toml`, and what a run says of each target."""

from functools import cache
from typing import Literal

import msgspec
from msgspec import Struct

from bench.catalogue import FOLDER
from bench.results import MAIN, Results

Verdict = Literal["aim", "must", "missed", "unmeasured"]


class Target(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure of a row, over the same of another where there is one, or how a cost grew with the ledger."""

    name: str
    must: float
    aim: float | None = None
    row: str = ""
    over: str = ""
    growth: str = ""
    figure: str = MAIN
    at_most: bool = False

    def measured(self, results: Results) -> float | None:
        """Return what a run says, or `None` when it does not."""
        if self.growth:
            return self._growth(results)
        own = results.summary(self.row, self.figure)
        if not self.over or own is None:
            return own.median if own else None
        other = results.summary(self.over, self.figure)
        return own.median / other.median if other and other.median else None

    def verdict(self, results: Results) -> Verdict:
        """Return whether a run meets it."""
        found = self.measured(results)
        if found is None:
            return "unmeasured"
        if self.aim is not None and self._reaches(found, self.aim):
            return "aim"
        return "must" if self._reaches(found, self.must) else "missed"

    def _reaches(self, found: float, wanted: float) -> bool:
        return found <= wanted if self.at_most else found >= wanted

    def _growth(self, results: Results) -> float | None:
        if len(results.growth) < 2:  # noqa: PLR2004  # growth is from one size to another
            return None
        first, last = results.growth[0], results.growth[-1]
        if self.growth == "long_case_over_short":
            return max(size["long_case_us"] / size["short_case_us"] for size in results.growth)
        if self.growth == "memory_mb":
            # Memory is bounded, not constant: the cache of states has to be full before it can be flat.
            first = results.growth[-2]
        return last[self.growth] / first[self.growth]


class _Targets(Struct, frozen=True):
    target: tuple[Target, ...]


@cache
def all_targets() -> tuple[Target, ...]:
    """Return every target, in the order in which they are told."""
    return msgspec.toml.decode((FOLDER / "targets.toml").read_bytes(), type=_Targets).target


@cache
def reasons() -> dict[str, dict[str, str]]:
    """Return why targets are not met, by the target and the language."""
    return msgspec.toml.decode((FOLDER / "reasons.toml").read_bytes(), type=dict[str, dict[str, str]])
