"""How many people live where, from the data of communes that we ship; `labkit/data/NOTICE.md` says whose they are."""

import csv
import gzip
from collections import Counter
from functools import cache
from importlib.resources import files
from io import TextIOWrapper

from bench.sizing.assumptions import Cut, Place

Commune = dict[str, str]


def inhabitants_of(place: Place) -> int:
    """Return how many people live in a place."""
    return sum(_people(row) for row in _communes() if not place.column or row[place.column] == place.code)


def inhabitants_by(cut: Cut) -> list[int]:
    """Return how many people each part of a cut holds, the smallest first; nobody's islands are no part."""
    people: Counter[str] = Counter()
    for row in _communes():
        # A commune that belongs to no EPCI, as four islands do, has a ledger of its own.
        people[(row[cut.column] or row["siren"]) if cut.column else ""] += _people(row)
    return sorted(count for count in people.values() if count)


def _people(row: Commune) -> int:
    return int(row["municipal_population"] or 0)


@cache
def _communes() -> tuple[Commune, ...]:
    with files("labkit.data").joinpath("communes.csv.gz").open("rb") as file, gzip.open(file) as unzipped:
        return tuple(csv.DictReader(TextIOWrapper(unzipped, encoding="utf-8", newline="")))
