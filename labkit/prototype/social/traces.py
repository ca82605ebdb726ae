"""What an answer would tell everybody about somebody: found in its words before it is published. Pure.

It warns, and sometimes for nothing; it never proves that a text is safe.
"""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from labkit.prototype.conversation.wording import plain
from labkit.prototype.events import ServiceEvent, personal_names
from labkit.prototype.index import plain as plain_reference
from labkit.prototype.questions import field_type, kind_of
from labkit.prototype.story import ServiceCase

Trace = Literal["email", "phone", "reference", "link", "answer"]
LETTERS_MIN = 4
LETTERS_MIN_IN_LINES = 7
_EMAIL = re.compile(r"[^@\s]@[^@\s]+\.[^@\s]")
_PHONE = re.compile(r"(?:\+|\b)[0-9](?:[ .()-]?[0-9]){8,14}\b")


def traces_in(text: str, case: ServiceCase) -> tuple[Trace, ...]:
    """Return what kinds of personal things a text holds."""
    said = set(plain(text).split())
    found: dict[Trace, bool] = {
        "email": bool(_EMAIL.search(text)),
        "phone": bool(_PHONE.search(text)),
        "reference": plain_reference(case.reference) in plain_reference(text),
        "link": str(case.id) in text,
        "answer": not said.isdisjoint(_words_of(case)),
    }
    return tuple(trace for trace, there in found.items() if there)


def _words_of(case: ServiceCase) -> set[str]:
    events = (moment.service_event for moment in case.moments)
    return {word for event in events if event is not None for word in _personal_words(event)}


def _personal_words(event: ServiceEvent) -> Iterator[str]:
    values = msgspec.to_builtins(event)
    for name in personal_names(type(event)) & values.keys():
        long_text = kind_of(field_type(type(event), name)) == "lines"
        least = LETTERS_MIN_IN_LINES if long_text else LETTERS_MIN
        if isinstance(values[name], str):
            yield from (word for word in plain(values[name]).split() if len(word) >= least)
