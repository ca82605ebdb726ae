"""The words of the reference pages in both languages, and how they are set in Markdown.

What events and their fields mean is said by the contract; every other word is in `reference.toml`, and each page says
what it does with them.
"""

from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from ledger.publishing.contract.texts import Said, typeset

__all__ = ["Said", "Texts", "table", "texts", "typeset"]


class Texts(Struct, frozen=True, forbid_unknown_fields=True):
    """The words of the pages."""

    page: dict[str, Said]
    mark: dict[str, Said]
    type: dict[str, Said]
    refusal: dict[str, str]
    value: dict[str, Said]
    example: dict[str, str]


@cache
def texts() -> Texts:
    """Read the words once."""
    return msgspec.toml.decode(files("labkit").joinpath("reference.toml").read_bytes(), type=Texts)


def table(columns: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (columns, ["---"] * len(columns), *rows))
