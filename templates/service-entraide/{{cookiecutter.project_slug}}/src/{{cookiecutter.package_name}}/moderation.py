"""What does not belong in words that hang on a wall. Pure: a text in, the grounds out."""

import re

from {{ cookiecutter.package_name }}.events import Ground

PATTERNS: tuple[tuple[Ground, re.Pattern[str]], ...] = (
    ("phone", re.compile(r"(?:\+33|0)\s*[1-9](?:[\s.-]*[0-9]{2}){4}")),
    ("email", re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")),
    ("money", re.compile(r"€|\beuros?\b|\bpay[ée]", re.IGNORECASE)),
)


def grounds_in(words: str) -> tuple[Ground, ...]:
    """Return why an agent should look twice: addresses are exchanged later, and help is free."""
    return tuple(ground for ground, pattern in PATTERNS if pattern.search(words))
