"""The words of the contract in both languages, and how a French text is set."""

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
    """What the docstring of an event does not say: its French name and meaning, and the release that brought it."""

    since: str
    name: str
    fr: str


class Texts(Struct, frozen=True, forbid_unknown_fields=True):
    """The words of the contract; a field is looked up as `Struct.field`, then as `field`."""

    event: dict[str, EventSaid]
    field: dict[str, Said]
    part: dict[str, str]
    word: dict[str, str]
    attribute: dict[str, Said]
    note: dict[str, Said]
    stream: dict[str, Said]

    def of_field(self, kind: type[Struct], name: str) -> Said:
        """Return what a field of a struct means."""
        return self.field.get(f"{kind.__name__}.{name}") or self.field[name]


@cache
def texts() -> Texts:
    """Read the words once."""
    return msgspec.toml.decode(files(__package__).joinpath("texts.toml").read_bytes(), type=Texts)


def typeset(french: str) -> str:
    """Return a French text with the spaces that keep its punctuation from starting a line."""
    tied = re.sub(r" (?=[;!?])", NARROW_NO_BREAK_SPACE, french)
    return re.sub(r" (?=[:»])|(?<=«) ", NO_BREAK_SPACE, tied)
