"""What a persona would answer: as values that a form shows, or as the event that they would send. Pure.

What no longer fits the event, because its fields changed since the persona was written, is left out.
"""

from typing import Any

import msgspec

from labkit.prototype.events import Kind, ServiceEvent, name_of, stem_of
from labkit.prototype.project import Persona
from labkit.prototype.questions import field_type, kind_of, shown


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
