"""The tables of a run, as cells of text: for the terminal and for the page alike, in either language."""

from collections.abc import Iterator
from itertools import groupby

import msgspec

from bench.catalogue import FOLDER, Language, Row, all_rows
from bench.results import Results
from bench.targets import Target, all_targets, reasons

_NO_BREAK = "\u00a0"
_THOUSAND, _HUNDRED, _TEN = 1_000, 100, 10
_TEXTS: dict[str, dict[str, str]] = msgspec.toml.decode((FOLDER / "texts.toml").read_bytes())
Cells = list[str]


def word(key: str, language: Language) -> str:
    """Return a text of the tables."""
    return _TEXTS[key][language]


def number(value: float, language: Language) -> str:
    """Return a figure with the digits that it is worth, written as people do."""
    digits = 0 if value >= _HUNDRED else 1 if value >= _TEN else 2
    if value >= _THOUSAND:
        value = float(f"{value:.3g}")
    text = f"{value:,.{0 if value == round(value) else digits}f}"
    return text if language == "en" else text.replace(",", _NO_BREAK).replace(".", ",")


def groups(results: Results) -> Iterator[tuple[str, list[Row]]]:
    """Yield each group of which anything was measured or found missing, with its rows."""
    known = [row for row in all_rows() if row.name in results.figures or row.name in results.absent]
    for group, rows in groupby(known, key=lambda row: row.group):
        yield group, list(rows)


def row_heads(language: Language) -> Cells:
    """Return the heads of the table of rows."""
    return [word(key, language) for key in ("row", "median", "spread", "unit", "p99", "durability")]


def row_cells(row: Row, results: Results, language: Language, *, mark: str = "") -> Cells:
    """Return one row of the table of rows; what a program said of itself stands between two marks, as it said it."""
    found, p99 = results.summary(row.name), results.summary(row.name, "p99_ms")
    durability, unit = word(f"durability-{row.durability or 'none'}", language), word(f"unit-{row.unit}", language)
    if found is None:
        why = f"{word('absent', language)}{mark}{results.absent.get(row.name, '').replace('|', ' ')}{mark}"
        return [row.label(language), "–", why, unit, "", durability]
    spread = f"{number(found.least, language)} … {number(found.most, language)}"
    tail = f"{number(p99.median, language)} ms" if p99 else ""
    return [row.label(language), number(found.median, language), spread, unit, tail, durability]


def target_heads(language: Language) -> Cells:
    """Return the heads of the table of targets."""
    return [word(key, language) for key in ("target", "measured", "must", "aim", "verdict")]


def target_cells(target: Target, results: Results, language: Language) -> Cells:
    """Return one row of the table of targets; a reason follows the verdict of one that is missed."""
    found, verdict = target.measured(results), target.verdict(results)
    told = word(f"verdict-{verdict}", language)
    reason = reasons().get(target.name, {}).get(language, "")
    if verdict == "missed" and reason:
        told += word("because", language) + reason
    sign = "≤" if target.at_most else "≥"
    wanted = [
        f"{sign}{_NO_BREAK}{_times(target, each, language)}" if each else "" for each in (target.must, target.aim)
    ]
    shown = "–" if found is None else _times(target, found, language)
    return [word(f"target-{target.name}", language), shown, *wanted, told]


def target_table(results: Results, language: Language) -> list[Cells]:
    """Return the table of targets, without its heads."""
    return [target_cells(target, results, language) for target in all_targets()]


def _times(target: Target, value: float, language: Language) -> str:
    if target.over or target.growth:
        return f"{number(value, language)}{_NO_BREAK}×"
    unit = _UNITS.get(target.figure) or next(row.unit for row in all_rows() if row.name == target.row)
    return f"{number(value, language)}{_NO_BREAK}{word(f'unit-{unit}', language)}"


_UNITS = {"p99_ms": "ms", "p50_ms": "ms", "memory_mb": "MB"}
