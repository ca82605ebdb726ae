"""When a town hall is open: working days, and hours in Central European time.

Believable, not legal: the clocks of the law are in `ledger/law`. Movable feasts are left out.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from random import Random

# A fixed offset needs no time zone database; in summer the town hall simply opens an hour later.
CENTRAL_EUROPE = timezone(timedelta(hours=1))
OPENS, CLOSES = time(8, 30), time(16, 30)
_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)})
_SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Tell whether the town hall opens on a day."""
    return day.weekday() < _SATURDAY and (day.month, day.day) not in _HOLIDAYS


def working_days_before(moment: datetime, count: int) -> list[date]:
    """Return the last working days before the day of a moment, oldest first."""
    found: list[date] = []
    for day in _backwards(moment.astimezone(CENTRAL_EUROPE).date()):
        if len(found) == count:
            break
        if is_working_day(day):
            found.append(day)
    return found[::-1]


def draw_moment(rng: Random, day: date, opens: time = OPENS, closes: time = CLOSES) -> datetime:
    """Return a moment of a day within opening hours."""
    start = datetime.combine(day, opens, CENTRAL_EUROPE)
    return start + timedelta(seconds=rng.randrange(int((_on(day, closes) - start).total_seconds())))


def when_open(moment: datetime) -> datetime:
    """Return the same moment, or one early in the next opening hours."""
    local = moment.astimezone(CENTRAL_EUROPE)
    if is_working_day(local.date()) and OPENS <= local.time() < CLOSES:
        return local
    day = local.date() + timedelta(days=local.time() >= CLOSES)
    while not is_working_day(day):
        day += timedelta(days=1)
    # Whoever waits at the door is not all served in the same second.
    return _on(day, OPENS) + timedelta(minutes=local.minute, seconds=local.second)


def _on(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, CENTRAL_EUROPE)


def _backwards(day: date) -> Iterator[date]:
    while True:
        day -= timedelta(days=1)
        yield day
