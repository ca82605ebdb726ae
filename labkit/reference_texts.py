"""The words of the reference pages in both languages, and how they are set in Markdown.

The words themselves are in `reference.toml`; each page says what it does with them.
"""

import re
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from ledger.domain.vocabulary import Language

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
NARROW_NO_BREAK_SPACE = "\N{NARROW NO-BREAK SPACE}"


class Said(Struct, frozen=True):
    """A text in both languages."""

    en: str
    fr: str

    def to(self, language: Language) -> str:
        """Return the text as a reader of that language writes it."""
        return typeset(self.fr) if language == "fr" else self.en


class EventSaid(Struct, frozen=True):
    """What the docstring of an event does not say: its French name and meaning."""

    name: str
    fr: str


class Texts(Struct, frozen=True):
    """The words of the pages."""

    page: dict[str, Said]
    event: dict[str, EventSaid]
    field: dict[str, Said]
    mark: dict[str, Said]
    type: dict[str, Said]
    part: dict[str, str]
    word: dict[str, str]
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


def typeset(french: str) -> str:
    """Return a French text with the spaces that keep its punctuation from starting a line."""
    tied = re.sub(r" (?=[;!?])", NARROW_NO_BREAK_SPACE, french)
    return re.sub(r" (?=[:»])|(?<=«) ", NO_BREAK_SPACE, tied)
