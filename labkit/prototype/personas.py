"""What a persona would answer: as values that a form shows, or as the event that they would send. Pure.

What no longer fits the event, because its fields changed since the persona was written, is left out.
"""

from typing import Any

import msgspec
from msgspec import Struct

from labkit.prototype.events import Kind, ServiceEvent, name_of, stem_of
from labkit.prototype.project import Persona
from labkit.prototype.questions import answers_of, field_type, kind_of, shown
from labkit.prototype.service import Service
from labkit.prototype.texts import Texts


class Card(Struct, frozen=True, kw_only=True):
    """A persona as somebody who plays them reads it."""

    name: str
    about: str
    answers: list[tuple[str, list[tuple[str, str]]]]


def card_of(persona: Persona, service: Service, texts: Texts) -> Card:
    """Return a persona's answers in words, page by page."""
    sent = [event for page in service.pages if (event := sent_by(persona, page.event)) is not None]
    return Card(
        name=persona.name,
        about=persona.about[texts.language],
        answers=[(texts(f"{stem_of(event)}.title"), answers_of(event, texts)) for event in sent],
    )


def suggested(persona: Persona, kind: type[ServiceEvent]) -> dict[str, Any]:
    """Return a persona's answers to one page, as its form shows them."""
    answers: dict[str, Any] = {}
    for name, given in persona.answers.get(stem_of(kind), {}).items():
        if name not in kind.__struct_fields__:
            continue
        hint = field_type(kind, name)
        try:
            answers[name] = shown(msgspec.to_builtins(msgspec.convert(given, hint)), kind_of(hint))
        except msgspec.ValidationError:
            continue
    return answers


def sent_by(persona: Persona, kind: type[Kind]) -> Kind | None:
    """Return the event that a persona would send, `None` if their answers do not make one."""
    answers = persona.answers.get(stem_of(kind))
    if answers is None:
        return None
    try:
        return msgspec.convert({**answers, "event": name_of(kind)}, kind)
    except msgspec.ValidationError:
        return None
