"""The events of a service: one frozen struct each, its fields are what is asked, its types say what is personal.

On the ledger each is a `ServiceEventRecorded`: personal fields are sealed as one text, the others are its
facts, which every subscriber may read. An event is told by its public name, such as `days-chosen.v1`.
"""

from datetime import date
from functools import cache
from typing import Annotated, ClassVar, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct

from ledger.domain.identifiers import Facts

Kind = TypeVar("Kind", bound="ServiceEvent")

Personal = Annotated[str, Meta(min_length=1, max_length=200, extra={"personal": True})]
PersonalLines = Annotated[str, Meta(min_length=1, max_length=2000, extra={"personal": True, "kind": "lines"})]
PersonalDate = Annotated[date, Meta(extra={"personal": True})]
Email = Annotated[
    str, Meta(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$(?!\n)", max_length=200, extra={"personal": True, "kind": "email"})
]
Phone = Annotated[str, Meta(pattern=r"^\+?[0-9 .()-]{6,30}$(?!\n)", extra={"personal": True, "kind": "phone"})]
Line = Annotated[str, Meta(min_length=1, max_length=200)]
Money = Annotated[int, Meta(ge=0, le=100_000_000, description="An amount in cents.", extra={"kind": "money"})]
Document = Annotated[
    str, Meta(pattern=r"^sha256:[0-9a-f]{64}$(?!\n)", description="A document by its digest.", extra={"kind": "file"})
]


class ServiceEvent(Struct, frozen=True, kw_only=True, tag_field="event", omit_defaults=True):
    """What every event of a service is: something that happened, in the words of the service."""

    automatic: ClassVar[bool] = False


class Unreadable(ValueError):
    """What was recorded does not fit the event as it is declared now."""


def name_of(event: ServiceEvent | type[ServiceEvent]) -> str:
    """Return the public name of an event, such as `days-chosen.v1`."""
    return str(event.__struct_config__.tag)


def stem_of(event: ServiceEvent | type[ServiceEvent]) -> str:
    """Return the public name without its version: the key of its texts."""
    return name_of(event).rpartition(".")[0]


@cache
def personal_names(kind: type[ServiceEvent]) -> frozenset[str]:
    """Return the fields of an event that hold personal data."""
    hints = get_type_hints(kind, include_extras=True)
    return frozenset(
        name for name in kind.__struct_fields__ if any(mark.get("personal") for mark in marks(hints[name]))
    )


def marks(hint: object) -> list[dict[str, object]]:
    """Return what the annotations of a type say beside the type, `None | …` and containers included."""
    own = [mark.extra for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Meta) and mark.extra]
    return own + [mark for inner in get_args(hint) if not isinstance(inner, Meta) for mark in marks(inner)]


def split(event: ServiceEvent) -> tuple[Facts, str]:
    """Return an event's facts, and its personal fields as one text to be sealed, empty if there are none."""
    fields = msgspec.to_builtins(event)
    fields.pop("event")
    personal = {name: fields.pop(name) for name in sorted(personal_names(type(event)) & fields.keys())}
    return fields, msgspec.json.encode(personal).decode() if personal else ""


def join(kind: type[Kind], facts: Facts, content: str) -> Kind:
    """Return the event that was split.

    Raises:
        Unreadable: a field is missing or of another type: the event was declared otherwise then.
    """
    try:
        return msgspec.convert(
            {**facts, **(msgspec.json.decode(content) if content else {}), "event": name_of(kind)}, kind
        )
    except (msgspec.ValidationError, msgspec.DecodeError, TypeError) as error:
        raise Unreadable(str(error)) from error
