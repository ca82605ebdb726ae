"""What people write, made comparable: without accents, capitals or punctuation. Pure; it knows no grammar."""

import re
from collections.abc import Sequence
from functools import lru_cache
from unicodedata import combining, normalize

KEPT_MAX = 512  # Lists of phrases are few; a thread is folded again at each message, and meets them every time.
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})


def plain(text: str) -> str:
    """Return a text as it is compared: small letters and digits, one space between words."""
    letters = normalize("NFKD", text.translate(_LIGATURES)).casefold()
    kept = (letter if letter.isalnum() else " " for letter in letters if not combining(letter))
    return " ".join("".join(kept).split())


@lru_cache(maxsize=KEPT_MAX)
def listed(words: str) -> tuple[str, ...]:
    """Return the phrases of a list written with commas, ready to be compared."""
    return tuple(phrase for phrase in (plain(word) for word in words.split(",")) if phrase)


def mentions(message: str, phrases: Sequence[str]) -> bool:
    """Tell whether one of these phrases, or its plural, stands in a message as whole words."""
    return bool(phrases) and _any_of(tuple(phrases)).search(plain(message)) is not None


def is_only(message: str, phrases: Sequence[str]) -> bool:
    """Tell whether a message is one of these phrases and nothing else."""
    return plain(message) in phrases


def begins_with(message: str, phrases: Sequence[str]) -> bool:
    """Tell whether a message begins with one of these phrases."""
    said = f"{plain(message)} "
    return any(said.startswith(f"{phrase} ") for phrase in phrases)


@lru_cache(maxsize=KEPT_MAX)
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})[sx]?\b")
