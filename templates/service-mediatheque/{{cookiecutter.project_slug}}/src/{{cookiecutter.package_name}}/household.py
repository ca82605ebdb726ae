"""How many people the lines of a household name, each with a year of birth. Pure.

A year is all that the tariff needs; a line without one is counted for an agent to ask about, never guessed.
"""

import re
from datetime import date

from {{ cookiecutter.package_name }}.events import HouseholdCounted

LINES_MAX = 30
_YEAR_AT_END = re.compile(r"\S.*?\D((?:19|20)\d\d)\W*$")


def count(lines: str, *, today: date, young_below: int) -> HouseholdCounted:
    """Count the adults, the young people, and the lines that do not tell."""
    named = [line for line in lines.splitlines() if line.strip()][:LINES_MAX]
    years = [int(found[1]) for line in named if (found := _YEAR_AT_END.match(line))]
    known = [year for year in years if year <= today.year]
    young = sum(today.year - year < young_below for year in known)
    return HouseholdCounted(adults=len(known) - young, young=young, unread=len(named) - len(known))


def years_between(born_on: date, today: date) -> int:
    """Return an age in whole years."""
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
