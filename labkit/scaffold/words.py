"""What a template says of itself in both languages, written as cookiecutter shows it: “Français · English”."""

from typing import Self

from msgspec import Struct

from ledger.domain.vocabulary import Language

_BETWEEN = " · "


class Words(Struct, frozen=True):
    """A text in both languages."""

    fr: str
    en: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a text; one that is in a single language serves for both."""
        french, _, english = text.partition(_BETWEEN)
        return cls(french, english or french)

    def to(self, language: Language) -> str:
        """Return the text in one language."""
        return self.fr if language == "fr" else self.en
