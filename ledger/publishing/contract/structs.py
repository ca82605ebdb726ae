"""The structs of events as schemas: what msgspec makes of their types, and beside it what people need to know.

Shared by the JSON Schema of each event and by the AsyncAPI document, which differ only in how they refer to parts.
A field that has no value is left out, never null: so its schema takes no null.
"""

from typing import Any, get_args

import msgspec
from msgspec import Struct

from ledger.domain.citizen import personal_fields
from ledger.domain.events import EVENTS, Attachment, Event, Particulars, Stamp
from ledger.domain.vocabulary import AuthorityKind, Channel, ClosingReason, Direction, Outcome, Term
from ledger.publishing.contract.texts import Said, texts, typeset

Schema = dict[str, Any]

PARTICULARS: tuple[type[Struct], ...] = get_args(Particulars)
PARTS: tuple[type[Struct], ...] = (Stamp, Attachment, *PARTICULARS)
VOCABULARIES: tuple[type[Term], ...] = (Channel, Direction, AuthorityKind, Outcome, ClosingReason)
SEALED = "^sealed:"
_NULL = {"type": "null"}


def components(reference: str) -> dict[str, Schema]:
    """Return the schema of every event, and of all that events are made of, by the names of their structs."""
    _, found = msgspec.json.schema_components(EVENTS, ref_template=reference)
    return {
        **{event.__name__: _event(event, found[event.__name__]) for event in EVENTS},
        **{part.__name__: _struct(part, texts().part[part.__name__], found[part.__name__]) for part in PARTS},
        **{vocabulary.__name__: _words(vocabulary) for vocabulary in VOCABULARIES},
    }


def field(found: Schema) -> Schema:
    """Return the schema of the value of a field that is there; alternatives among structs exclude each other."""
    if found.get("default", ...) is not None:
        return found
    (shape,) = (some for some in found["anyOf"] if some != _NULL)
    return {"oneOf": shape["anyOf"]} if "discriminator" in shape else shape


def said(meaning: Said) -> dict[str, str]:
    """Return a meaning as a schema bears it, in both languages."""
    return {"description": meaning.to("en"), "x-description-fr": meaning.to("fr")}


def _event(event: type[Event], found: Schema) -> Schema:
    french = texts().event[str(event.__struct_config__.tag)]
    return {"title": event.__name__, "x-label-fr": french.name, **_struct(event, french.fr, found)}


def _struct(kind: type[Struct], french: str, found: Schema) -> Schema:
    properties: dict[str, Schema] = found["properties"]
    return {
        "title": kind.__name__,
        "description": kind.__doc__,
        "x-description-fr": typeset(french),
        "type": "object",
        "properties": {name: _property(kind, name, shape) for name, shape in properties.items()},
        "required": found["required"],
        "additionalProperties": True,
    }


def _property(kind: type[Struct], name: str, found: Schema) -> Schema:
    config = kind.__struct_config__
    if name == config.tag_field:
        return {"type": "string", "const": config.tag, **said(texts().note["tag"])}
    meaning = texts().of_field(kind, name)
    if name not in personal_fields(kind):
        return {**field(found), **said(meaning)}
    sealed = texts().note["sealed"]
    marked = Said(f"{meaning.en}. {sealed.en}", f"{meaning.fr}. {sealed.fr}")
    return {"type": "string", "pattern": SEALED, "x-personal": True, "x-sealed": True, **said(marked)}


def _words(vocabulary: type[Term]) -> Schema:
    return {
        "title": vocabulary.__name__,
        "description": vocabulary.__doc__,
        "x-description-fr": typeset(texts().word[vocabulary.__name__]),
        "type": "string",
        "enum": [term.value for term in vocabulary],
        "x-labels": {term.value: {"en": term.label("en"), "fr": term.label("fr")} for term in vocabulary},
    }
