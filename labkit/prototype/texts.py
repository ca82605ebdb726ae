"""The words of a prototype in one language: the project's own, then the kit's; each is found by its key.

`texts("days-chosen.title")`; particulars in braces are filled in. A missing word is named, never guessed.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from ledger.domain.vocabulary import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
KIT_TEXTS = Path(__file__).parent / "texts"
ZONE = ZoneInfo("Europe/Paris")
_MONTHS: dict[Language, tuple[str, ...]] = {
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


class MissingText(KeyError):
    """No text has this key in this language."""

    def __init__(self, key: str, language: Language) -> None:
        """Name the key and the language."""
        super().__init__(f"there is no text “{key}” in {language}")
        self.key, self.language = key, language


class Texts:
    """The words in one language."""

    def __init__(self, language: Language, own: Mapping[str, str]) -> None:
        """Look in the project's own words first, then in the kit's."""
        self.language = language
        self._words = {**kit_words(language), **own}

    def __call__(self, key: str, /, **details: object) -> str:
        """Return a text with its particulars filled in.

        Raises:
            MissingText: nobody wrote it.
        """
        text = self._words.get(key)
        if text is None:
            raise MissingText(key, self.language)
        return text.format(**details) if details else text

    def get(self, key: str) -> str | None:
        """Return a text that may be missing."""
        return self._words.get(key)

    def extended(self, more: Mapping[str, str]) -> "Texts":
        """Return these words and some more, which win."""
        return Texts(self.language, {**self._words, **more})

    def day(self, day: date) -> str:
        """Return a day in words."""
        month = _MONTHS[self.language][day.month - 1]
        first = "1er" if day.day == 1 and self.language == "fr" else str(day.day)
        return f"{first} {month} {day.year}"

    def moment(self, moment: datetime) -> str:
        """Return a day and a time of day, as it is in France."""
        local = moment.astimezone(ZONE)
        time = f"{local:%H}\u202fh\u202f{local:%M}" if self.language == "fr" else f"{local:%H:%M}"
        return f"{self.day(local.date())}, {time}"


@cache
def kit_words(language: Language) -> dict[str, str]:
    """Return the kit's own words, one file a room."""
    rooms = sorted(KIT_TEXTS.glob(f"*.{language}.toml"))
    return {key: text for room in rooms for key, text in read_words(room).items()}


def read_words(file: Path) -> dict[str, str]:
    """Return the words of a file by their dotted keys."""
    return flatten(tomllib.loads(file.read_text(encoding="utf-8")))


def flatten(tree: Mapping[str, Any], path: str = "") -> dict[str, str]:
    """Return a tree of words by dotted keys."""
    words: dict[str, str] = {}
    for name, value in tree.items():
        words |= flatten(value, f"{path}{name}.") if isinstance(value, Mapping) else {f"{path}{name}": str(value)}
    return words
