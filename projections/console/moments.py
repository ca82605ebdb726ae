"""Numbers, dates and durations as French and English readers write them. Pure: `now` is an argument."""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from ledger.domain.vocabulary import Language

ZONE = "Europe/Paris"
NO_BREAK = "\N{NO-BREAK SPACE}"
NARROW = "\N{NARROW NO-BREAK SPACE}"

_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "fr": ["janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
}
_LONG_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
}
_WEEKDAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
}
_DAY_LETTER = {"en": "d", "fr": "j"}
_DAYS_FROM = timedelta(hours=48)


@cache
def _zone() -> ZoneInfo:
    return ZoneInfo(ZONE)


def local(moment: datetime) -> datetime:
    """Return a moment as the town hall's clock shows it."""
    return moment.astimezone(_zone())


def number(value: float, language: Language, *, decimals: int = 0) -> str:
    """Return `12 345,6` in French and `12,345.6` in English."""
    written = f"{value:,.{decimals}f}"
    if language == "en":
        return written
    return written.translate({ord(","): NARROW, ord("."): ","})


def hours(value: float | None, language: Language) -> str:
    """Return a length given in hours in the unit that reads best; a dash when it is unknown."""
    if value is None:
        return "–"
    return duration(timedelta(hours=value), language)


def duration(length: timedelta, language: Language) -> str:
    """Return `40 min`, `3 h` or `12 j`, whichever reads best."""
    seconds = max(length.total_seconds(), 0)
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds:.0f}{NO_BREAK}s"
    if seconds < 3600:  # noqa: PLR2004
        return f"{seconds // 60:.0f}{NO_BREAK}min"
    if length < _DAYS_FROM:
        return f"{seconds // 3600:.0f}{NO_BREAK}h"
    return f"{number(length.days, language)}{NO_BREAK}{_DAY_LETTER[language]}"


def clock(moment: datetime, language: Language) -> str:
    """Return `14 h 05` in French and `14:05` in English."""
    here = local(moment)
    if language == "en":
        return f"{here:%H:%M}"
    return f"{here.hour}{NO_BREAK}h{NO_BREAK}{here.minute:02}"


def short_day(day: date | datetime, language: Language) -> str:
    """Return `5 nov. 2026`."""
    here = local(day) if isinstance(day, datetime) else day
    return f"{_first(here.day, language)}{NO_BREAK}{_MONTHS[language][here.month - 1]}{NO_BREAK}{here.year}"


def long_day(day: date, language: Language) -> str:
    """Return `jeudi 5 novembre 2026`."""
    month = _LONG_MONTHS[language][day.month - 1]
    return f"{_WEEKDAYS[language][day.weekday()]} {_first(day.day, language)}{NO_BREAK}{month} {day.year}"


def short_moment(moment: datetime, language: Language) -> str:
    """Return `5 nov. 2026 à 14 h 05`."""
    at = " à " if language == "fr" else ", "
    return f"{short_day(moment, language)}{at}{clock(moment, language)}"


def size(octets: int, language: Language) -> str:
    """Return `230 ko` in French and `230 kB` in English."""
    unit = "o" if language == "fr" else "B"
    if octets < 1000:  # noqa: PLR2004
        return f"{octets}{NO_BREAK}{unit}"
    if octets < 1_000_000:  # noqa: PLR2004
        return f"{number(octets / 1000, language)}{NO_BREAK}k{unit}"
    return f"{number(octets / 1_000_000, language, decimals=1)}{NO_BREAK}M{unit}"


def _first(day: int, language: Language) -> str:
    return "1er" if day == 1 and language == "fr" else str(day)
