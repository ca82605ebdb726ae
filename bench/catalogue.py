"""The rows: what is measured beside what, told as data in `rows.toml`. No program is loaded here."""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

Kind = Literal["limit", "peer", "ours"]
Language = Literal["en", "fr"]
FOLDER = Path(__file__).parent


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the tables: its program, what that is given, and what its figure is."""

    name: str
    group: str
    kind: Kind
    program: str
    unit: str
    en: str
    fr: str
    given: dict[str, str | int] = {}
    durability: str = ""
    optimised: bool = False
    rounds_max: int = 1_000
    timeout_s: int = 300

    def label(self, language: Language) -> str:
        """Return how a person calls the row."""
        return self.en if language == "en" else self.fr

    @property
    def less_is_better(self) -> bool:
        """Tell whether the figure is a duration or a size, not a rate."""
        return not self.unit.endswith("/s")


class _Rows(Struct, frozen=True):
    row: tuple[Row, ...]


@cache
def all_rows() -> tuple[Row, ...]:
    """Return every row, in the order in which a round runs them."""
    return msgspec.toml.decode((FOLDER / "rows.toml").read_bytes(), type=_Rows).row


def rows_named(prefixes: tuple[str, ...], groups: tuple[str, ...]) -> list[Row]:
    """Return the rows whose names begin so and whose group is one of those; nothing given means all."""
    return [
        row
        for row in all_rows()
        if (not prefixes or row.name.startswith(prefixes)) and (not groups or row.group in groups)
    ]
