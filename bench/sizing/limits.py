"""How many inhabitants one ledger on one machine carries before each limit, and which limit it meets first.

Four limits are of speed, as `python -m bench` measured it: half of it may be used. Two are of quantity: all that is
kept must fit on the disk, and be restored within hours. What was not measured has no answer, and is said to have none.
"""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from bench.results import Results
from bench.sizing.assumptions import Assumptions, Scenario
from bench.sizing.demand import HOUR_S, Demand, demand_of
from bench.sizing.footprint import Footprint

Limit = Literal["http", "append", "relay", "views", "restore", "disk"]
LIMITS: tuple[Limit, ...] = ("http", "append", "relay", "views", "restore", "disk")
SPEEDS: dict[Limit, str] = {
    "http": "http-ours",
    "append": "append-ledger-64",
    "relay": "relay-ours",
    "views": "views-all",
}
MEGA, GIGA = 1e6, 1e9


class Machine(Struct, frozen=True, kw_only=True):
    """One ledger on one machine: what was assumed, what was weighed, and what was measured."""

    assumed: Assumptions
    footprint: Footprint
    results: Results

    def speed(self, limit: Limit) -> float | None:
        """Return the events a second that were measured where a limit is of speed."""
        row = SPEEDS[limit]
        found = self.results.summary(row)
        events = self.results.summary(row, "events")  # given where the figure is the seconds that so many took
        if found is None or not found.median:
            return None
        return events.median / found.median if events else found.median

    def demand(self, scenario: Scenario) -> Demand:
        """Return what one inhabitant asks for."""
        return demand_of(scenario, self.assumed.habits)

    def bytes_an_event(self) -> float:
        """Return what an event takes on the disk of the machine, in all that holds it."""
        weighed = self.footprint
        return weighed.ledger + weighed.keys + weighed.stream + weighed.views * self.assumed.habits.generations

    def folding_an_event_s(self) -> float | None:
        """Return the seconds that an event takes until every view holds it again."""
        views = self.speed("views")
        return 1 / views if views else None

    def restoring_an_event_s(self) -> float | None:
        """Return the seconds until an event is back from the backup, in the stream and in every view, one after all."""
        relay, folding = self.speed("relay"), self.folding_an_event_s()
        if relay is None or folding is None:
            return None
        return self.footprint.backup / (self.assumed.limits.copy_mb_a_second * MEGA) + 1 / relay + folding

    def used_by_one(self, limit: Limit, scenario: Scenario) -> float | None:
        """Return which part of a limit one inhabitant uses up."""
        asked, bounds = self.demand(scenario), self.assumed.limits
        if limit == "disk":
            return asked.events_kept * self.bytes_an_event() / (bounds.disk_gb * GIGA)
        if limit == "restore":
            seconds = self.restoring_an_event_s()
            return None if seconds is None else asked.events_kept * seconds / (bounds.restore_hours * HOUR_S)
        speed = self.speed(limit)
        return None if speed is None else asked.events_at_peak / (speed * bounds.peak_share)

    def carried(self, limit: Limit, scenario: Scenario) -> float | None:
        """Return how many inhabitants meet a limit."""
        used = self.used_by_one(limit, scenario)
        return None if used is None else 1 / used

    def first_limit(self, scenario: Scenario) -> tuple[Limit, float] | None:
        """Return the limit that is met first, and by how many inhabitants; `None` unless all are known."""
        carried = dict(self._carried(scenario))
        if len(carried) < len(LIMITS):
            return None
        first = min(carried, key=carried.__getitem__)
        return first, carried[first]

    def _carried(self, scenario: Scenario) -> Iterator[tuple[Limit, float]]:
        for limit in LIMITS:
            inhabitants = self.carried(limit, scenario)
            if inhabitants is not None:
                yield limit, inhabitants
