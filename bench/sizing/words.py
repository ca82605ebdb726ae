"""Figures of sizing as people write them, in either language: amounts with the unit that suits, several at once."""

import msgspec

from bench.catalogue import FOLDER, Language
from bench.tables import number

NO_BREAK = "\u00a0"
_TEXTS: dict[str, dict[str, str]] = msgspec.toml.decode((FOLDER / "sizing/texts.toml").read_bytes())
_BYTES = ("B", "KB", "MB", "GB", "TB", "PB")
PERCENT, _THOUSAND, _LEAST = 100, 1_000, 0.01
_SECONDS = (("s", 1, 120), ("min", 60, 120), ("h", 3_600, 72))
_DAY_S, _TEN = 86_400, 10
_LARGE = (("billion", 1e9), ("million", 1e6))


def word(key: str, language: Language, **figures: object) -> str:
    """Return a text of the pages on sizing, its figures filled in."""
    return _TEXTS[key][language].format(**figures)


def count(value: float | None, language: Language) -> str:
    """Return how many, or that it is not known yet."""
    if value is None:
        return word("unmeasured", language)
    if 0 < value < _LEAST:
        return f"<{NO_BREAK}{number(_LEAST, language)}"
    for name, one in _LARGE:
        if value >= one:
            return word(f"count-{name}", language, figure=number(float(f"{value / one:.3g}"), language))
    return number(value, language)


def amount(size: float, language: Language) -> str:
    """Return so many bytes with their unit."""
    power = 0
    while size >= _THOUSAND and power < len(_BYTES) - 1:
        size, power = size / _THOUSAND, power + 1
    return f"{number(float(f'{size:.3g}'), language)}{NO_BREAK}{word(f'unit-{_BYTES[power]}', language)}"


def lasting(seconds: float | None, language: Language) -> str:
    """Return so long a time with its unit, or that it is not known yet."""
    if seconds is None:
        return word("unmeasured", language)
    for unit, one, least_of_the_next in _SECONDS:
        if seconds < one * least_of_the_next:
            return f"{_short(seconds / one, language)}{NO_BREAK}{word(f'unit-{unit}', language)}"
    return f"{_short(seconds / _DAY_S, language)}{NO_BREAK}{word('unit-d', language)}"


def percent(share: float | None, language: Language) -> str:
    """Return a share of what may be used, in bold where it is more than that."""
    if share is None:
        return "–"
    told = f"<{NO_BREAK}1" if share < 1 / PERCENT else number(round(share * PERCENT), language)
    told = f"{told}{NO_BREAK}%"
    return f"**{told}**" if share > 1 else told


def several(told: list[str]) -> str:
    """Return one figure for each scenario, or one alone where all say the same."""
    return told[0] if len(set(told)) == 1 else " · ".join(told)


def _short(value: float, language: Language) -> str:
    """Return two digits, since no duration here is worth more."""
    told = f"{value:.1f}".removesuffix(".0") if value < _TEN else f"{float(f'{value:.2g}'):.0f}"
    return told if language == "en" else told.replace(".", ",")
