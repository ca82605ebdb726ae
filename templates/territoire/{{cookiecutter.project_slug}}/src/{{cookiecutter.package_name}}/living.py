"""What residents do, as commands: always the same from one seed and clock. It sends nothing."""

from collections.abc import Callable
from datetime import date, datetime
from itertools import islice
from random import Random

from labkit.simulate.calendar import draw_moment, working_days_before
from labkit.simulate.residents import Life, Opening
from ledger.domain.commands import LedgerCommand

from {{ cookiecutter.package_name }}.territory import Calendar, Pack, territory_of

RESIDENTS_MAX = 10_000


def live(pack: Pack, count: int, *, head: int, clock: Callable[[], datetime]) -> list[LedgerCommand]:
    """Return what some residents did up to now: their authorities first, then the cases, in order of time."""
    # A ledger that has grown must not be given the same identifiers again.
    seed = f"{pack.territory.seed}/{head}"
    life = Life(seed, territory_of(pack.territory), clock)
    founded = life.foundation()
    return founded + life.past(openings(pack, min(count, RESIDENTS_MAX), seed=seed, now=clock()))


def openings(pack: Pack, count: int, *, seed: str, now: datetime) -> list[Opening]:
    """Draw when each resident makes contact first, and by which channel, oldest first."""
    rng, calendar = Random(f"{seed}/openings"), pack.calendar
    days = open_days(calendar, now)
    weights = [calendar.weekdays[day.weekday()] for day in days]
    moments = sorted(
        draw_moment(rng, day, calendar.opens, calendar.closes) for day in rng.choices(days, weights, k=count)
    )
    channels = rng.choices(list(pack.channels), list(pack.channels.values()), k=count)
    return list(zip(moments, channels, strict=True))


def open_days(calendar: Calendar, now: datetime) -> list[date]:
    """Return the last days on which the authorities here were open, oldest first."""
    known = working_days_before(now, calendar.working_days + len(calendar.closed))
    days = (day for day in reversed(known) if day not in calendar.closed)
    return list(islice(days, calendar.working_days))[::-1]
