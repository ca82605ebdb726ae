"""The generated parts of the pages on sizing, in both languages, and the picture.

Each part stands between two comments, which stay; what is around them is written by hand.
"""

import re
from pathlib import Path

import msgspec

from bench.catalogue import Language
from bench.page import DOCS, LANGUAGES
from bench.sizing import tables
from bench.sizing.demand import HOUR_S
from bench.sizing.footprint import Footprint
from bench.sizing.limits import GIGA, MEGA, Machine
from bench.sizing.picture import drawn
from bench.sizing.sizes import sizes
from bench.sizing.words import PERCENT, amount, lasting, word
from bench.tables import number

PAGES = ("explanation/from-one-commune-to-france.md", "guides/deploying.md")
FOOTPRINT = "assets/sizing.json"
_PART = re.compile(r"(<!-- sizing: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_TABLES = {
    "scenarios": tables.scenarios,
    "sources": tables.sources,
    "footprint": tables.footprint,
    "load": tables.load,
    "limits": tables.limits,
    "shares": tables.shares,
    "history": tables.history,
    "cuts": tables.cuts,
    "sizes": sizes,
}


def publish(machine: Machine, docs: Path = DOCS) -> None:
    """Write the arithmetic into the docs."""
    write_footprint(machine.footprint, docs)
    for language in LANGUAGES:
        picture(language, docs).write_text(drawn(machine, language), encoding="utf-8")
        for name in PAGES:
            page = docs / language / name
            page.write_text(filled(page.read_text(encoding="utf-8"), machine, language), encoding="utf-8")


def filled(page: str, machine: Machine, language: Language) -> str:
    """Return a page with its generated parts made anew."""
    return _PART.sub(lambda found: f"{found[1]}\n{_part(found[2], machine, language)}\n\n{found[3]}", page)


def picture(language: Language, docs: Path = DOCS) -> Path:
    """Return where the picture of a language is."""
    return docs / f"assets/sizing.{language}.svg"


def read_footprint(docs: Path = DOCS) -> Footprint:
    """Return the sizes that were weighed last."""
    return msgspec.json.decode((docs / FOOTPRINT).read_bytes(), type=Footprint)


def write_footprint(weighed: Footprint, docs: Path = DOCS) -> None:
    """Keep the sizes, with the digits that they are worth."""
    told = {
        name: float(f"{value:.4g}") if isinstance(value, float) else value
        for name, value in msgspec.to_builtins(weighed).items()
    }
    (docs / FOOTPRINT).write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")


def _part(name: str, machine: Machine, language: Language) -> str:
    if name in _SENTENCES:
        return _SENTENCES[name](machine, language)
    heads, rows = _TABLES[name](machine, language)
    lines = [heads, ["---", *["---:" for _ in heads[1:]]], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _conditions(machine: Machine, language: Language) -> str:
    weighed, found = machine.footprint, machine.results.conditions
    figures = {"events": number(weighed.events, language), "characters": str(weighed.text_characters)}
    if not found:
        return word("measured-not", language, **figures)
    return word("measured-on", language, **figures, day=found["day"], cpu=found["cpu"], memory=found["memory"])


def _habits(machine: Machine, language: Language) -> str:
    habits, busiest = machine.assumed.habits, machine.demand(machine.assumed.scenario[-1])
    return word(
        "habits",
        language,
        days=number(habits.days_a_year, language),
        hours=number(habits.hours_a_day, language),
        touch=number(PERCENT * busiest.in_touch_at_peak, language),
    )


def _bounds(machine: Machine, language: Language) -> str:
    bounds = machine.assumed.limits
    return word(
        "bounds",
        language,
        years=number(machine.assumed.habits.years_kept, language),
        disk=amount(bounds.disk_gb * GIGA, language),
        restore=lasting(bounds.restore_hours * HOUR_S, language),
        copy=amount(bounds.copy_mb_a_second * MEGA, language),
        peak=number(PERCENT * bounds.peak_share, language),
    )


_SENTENCES = {"conditions": _conditions, "habits": _habits, "bounds": _bounds}
