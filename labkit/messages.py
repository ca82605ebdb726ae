"""The texts of `labkit`, in English and in French, and which of the two a reader wants.

The texts themselves are in `data/messages/`, one file a room; a test fails when one lacks a language.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import get_args

from ledger.domain.vocabulary import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
_VARIABLES = ("LABKIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
_NARROW_NO_BREAK_SPACE = "\u202f"
Catalogue = dict[str, dict[str, str]]


@cache
def catalogue() -> Catalogue:
    """Return every text by its key, such as `tail.help`, in every language."""
    rooms = (room for room in files("labkit.data").joinpath("messages").iterdir() if room.name.endswith(".toml"))
    return {key: texts for room in rooms for key, texts in by_key(room.read_text("utf-8")).items()}


def by_key(room: str) -> Catalogue:
    """Return the texts of one file by their keys."""
    groups = tomllib.loads(room).items()
    return {f"{group}.{name}": texts for group, names in groups for name, texts in names.items()}


class Texts:
    """The texts in one language: `say("status.view", name="inbox")`."""

    def __init__(self, language: Language, own: Catalogue | None = None) -> None:
        self.language = language
        self._own = own or {}

    def __call__(self, key: str, /, **details: object) -> str:
        """Return a text with its particulars filled in."""
        return (self._own.get(key) or catalogue()[key])[self.language].format(**details)

    def also(self, own: Catalogue) -> "Texts":
        """Return these texts and, before them, those that a plug-in brings."""
        return Texts(self.language, own)

    def number(self, value: int) -> str:
        """Return a number as a reader of this language groups its thousands."""
        separator = _NARROW_NO_BREAK_SPACE if self.language == "fr" else ","
        return f"{value:,}".replace(",", separator)


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Choose the language: `--lang`, else the first locale variable that is set, else English."""
    asked = (*_asked(arguments), *(environment.get(name, "") for name in _VARIABLES))
    wanted = next((value for value in asked if value), "en")
    return next((language for language in LANGUAGES if wanted.lower().startswith(language)), "en")


def _asked(arguments: Sequence[str]) -> Iterator[str]:
    for rank, argument in enumerate(arguments):
        if argument == "--":
            return
        if argument.startswith("--lang="):
            yield argument.removeprefix("--lang=")
        if argument == "--lang" and rank + 1 < len(arguments):
            yield arguments[rank + 1]
