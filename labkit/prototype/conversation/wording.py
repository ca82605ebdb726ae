"""What people write, made comparable: without accents, capitals or punctuation. Pure; it knows no grammar."""

import re
from collections.abc import Collection, Iterable
from unicodedata import combining, normalize

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})


def plain(text: str) -> str:
    """Return a text as it is compared: small letters and digits, one space between words."""
    letters = normalize("NFKD", text.translate(_LIGATURES)).casefold()
    kept = (letter if letter.isalnum() else " " for letter in letters if not combining(letter))
    return " ".join("".join(kept).split())


def listed(words: str) -> tuple[str, ...]:
    """Return the phrases of a list written with commas, ready to be compared."""
    return tuple(phrase for phrase in (plain(word) for word in words.split(",")) if phrase)


def mentions(message: str, phrases: Iterable[str]) -> bool:
    """Tell whether one of these phrases, or its plural, stands in a message as whole words."""
    said = plain(message)
    return any(re.search(rf"\b{re.escape(phrase)}[sx]?\b", said) for phrase in phrases)


def is_only(message: str, phrases: Collection[str]) -> bool:
    """Tell whether a message is one of these phrases and nothing else."""
    return plain(message) in phrases


def begins_with(message: str, phrases: Iterable[str]) -> bool:
    """Tell whether a message begins with one of these phrases."""
    return any(f"{plain(message)} ".startswith(f"{phrase} ") for phrase in phrases)
