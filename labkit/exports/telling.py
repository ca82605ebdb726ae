"""What an event becomes for tools that mine processes: its public attributes, and the objects it concerns.

A case, a citizen (by pseudonym), an authority, a service, an agent (by staff code), an interaction and a
document are objects. No field that is personal is ever read here, sealed or not.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Literal, get_args, get_type_hints

import msgspec
from msgspec import Struct

from labkit.exports.reading import Recorded
from ledger.domain.citizen import personal_fields
from ledger.domain.events import (
    Attachment,
    AuthorityRegistered,
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseEvent,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    CitizenForgotten,
    Event,
    InteractionCorrected,
    InteractionRecorded,
    ServicePublished,
)
from ledger.domain.vocabulary import CaseStatus

Value = str | int | float | bool | datetime
Attributes = dict[str, Value]
Sort = Literal["string", "integer", "float", "boolean", "time"]

_OBJECTS_OF_EVENTS = {"case_id", "citizen", "interaction_id", "attachments", "document"}
_HEADER = {"version", "occurred_at", "stamp"}
_SORTS: dict[object, Sort] = {bool: "boolean", int: "integer", float: "float", datetime: "time"}
_OF_EVERY_EVENT: dict[str, Sort] = {"position": "integer", "recorded_at": "time", "recorded_by": "string"}

OBJECT_TYPES: dict[str, dict[str, Sort]] = {
    "case": {
        "reference": "string",
        "channel": "string",
        "authority": "string",
        "unit": "string",
        "agent": "string",
        "status": "string",
        "outcome": "string",
        "opened_at": "time",
        "deadline": "time",
    },
    "citizen": {},
    "authority": {"name": "string", "kind": "string"},
    "service": {"name": "string", "answer_days": "integer"},
    "agent": {},
    "interaction": {"channel": "string", "direction": "string"},
    "document": {"media_type": "string", "size_bytes": "integer"},
}


class Mention(Struct, frozen=True):
    """An object that an event concerns: as what, what it now is, and what it belongs to for good."""

    type: str
    name: str
    qualifier: str
    attributes: Attributes = {}
    related: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """Return an identifier that no object of another type has."""
        return object_id(self.type, self.name)


class Told(Struct, frozen=True):
    """One event as it leaves."""

    id: str
    type: str
    time: datetime
    attributes: Attributes
    mentions: tuple[Mention, ...]


def object_id(kind: str, name: object) -> str:
    """Return the identifier of an object."""
    return f"{kind}:{name}"


def tell(recorded: Recorded) -> Told:
    """Tell one event."""
    logged, event = recorded.logged, recorded.event
    header: Attributes = {
        "position": logged.position,
        "recorded_at": event.stamp.recorded_at,
        "recorded_by": event.stamp.by,
    }
    return Told(
        id=str(logged.event_id),
        type=logged.tag,
        time=event.occurred_at,
        attributes=header | public_attributes(event),
        mentions=tuple(_mentions(event)),
    )


@cache
def attribute_sorts(kind: type[Event]) -> dict[str, Sort]:
    """Return the public attributes of the events of a kind, and what each of them is."""
    return _OF_EVERY_EVENT | {name: _sort(hint) for name, hint in _public_hints(kind).items()}


def public_attributes(event: Event) -> Attributes:
    """Return what an event says that is no person's; what has several parts is one JSON text."""
    given = ((name, getattr(event, name)) for name in _public_hints(type(event)))
    return {name: _plain(value) for name, value in given if value is not None and value not in ({}, ())}


@cache
def _public_hints(kind: type[Event]) -> dict[str, object]:
    left_out = {*personal_fields(kind), *_HEADER, *_OBJECTS_OF_EVENTS}
    hints = get_type_hints(kind)
    return {name: hints[name] for name in kind.__struct_fields__ if name not in left_out}


def _sort(hint: object) -> Sort:
    (kind, *others) = [part for part in get_args(hint) if part is not type(None)] or [hint]
    return "string" if others else _SORTS.get(kind, "string")


def _plain(value: object) -> Value:
    built: Value | list[object] | tuple[object, ...] | dict[str, object]
    built = msgspec.to_builtins(value, builtin_types=(datetime,))
    return msgspec.json.encode(built).decode() if isinstance(built, list | tuple | dict) else built


def _mentions(event: Event) -> Iterator[Mention]:
    match event:
        case AuthorityRegistered():
            parent = ((object_id("authority", event.parent), "part of"),) if event.parent else ()
            yield Mention("authority", event.authority, "authority", _said(name=event.name, kind=event.kind), parent)
            if event.parent:
                yield Mention("authority", event.parent, "parent")
        case ServicePublished():
            service = _said(name=event.name, answer_days=event.answer_days)
            offered = ((object_id("authority", event.authority), "offered by"),)
            yield Mention("service", f"{event.authority}/{event.service}", "service", service, offered)
            yield Mention("authority", event.authority, "authority")
        case CitizenForgotten():
            yield Mention("citizen", str(event.citizen), "citizen")
        case CaseEvent():
            yield from _of_a_case(event)


def _of_a_case(event: CaseEvent) -> Iterator[Mention]:
    belongs = ((object_id("case", event.case_id), "part of"),)
    match event:
        case CaseOpened():
            asked = Mention("service", f"{event.authority}/{event.service}", "service")
            citizen = ((object_id("citizen", event.citizen), "concerns"),) if event.citizen else ()
            yield Mention("case", str(event.case_id), "case", _case_now(event), ((asked.id, "asks for"), *citizen))
            yield asked
            yield Mention("authority", event.authority, "authority")
        case _:
            yield Mention("case", str(event.case_id), "case", _case_now(event))
    if isinstance(event, CaseHandedOver):
        yield Mention("authority", event.from_authority, "from")
        yield Mention("authority", event.to_authority, "to")
    if citizen_ref := getattr(event, "citizen", None):
        yield Mention("citizen", str(citizen_ref), "citizen")
    if agent := getattr(event, "agent", None):
        yield Mention("agent", agent, "agent")
    if interaction := getattr(event, "interaction_id", None):
        yield Mention("interaction", str(interaction), "interaction", _interaction_now(event), belongs)
    for document in documents_of(event):
        about = _said(media_type=document.media_type, size_bytes=document.size_bytes)
        yield Mention("document", document.digest, "document", about, belongs)


def _case_now(event: CaseEvent) -> Attributes:
    match event:
        case CaseOpened():
            return _said(
                reference=event.reference,
                channel=event.channel,
                authority=event.authority,
                unit=event.unit,
                status=CaseStatus.OPEN,
                opened_at=event.occurred_at,
                deadline=event.deadline,
            )
        case CaseAssigned():
            return _said(agent=event.agent, unit=event.unit)
        case CaseHandedOver():
            # An attribute cannot be taken back: an empty text says that nobody is in charge yet.
            return _said(authority=event.to_authority, unit=event.to_unit or "", agent="")
        case CaseDecided():
            return _said(outcome=event.outcome)
        case CaseClosed():
            return _said(status=CaseStatus.CLOSED)
        case CaseReopened():
            return _said(status=CaseStatus.OPEN)
    return {}


def _interaction_now(event: CaseEvent) -> Attributes:
    if isinstance(event, InteractionRecorded | InteractionCorrected):
        return _said(channel=event.channel, direction=event.direction)
    return {}


def documents_of(event: Event) -> tuple[Attachment, ...]:
    """Return the documents that came with an event, each known by its digest."""
    single: Attachment | None = getattr(event, "document", None)
    several: tuple[Attachment, ...] = getattr(event, "attachments", ())
    return (single,) if single else several


def _said(**values: object) -> Attributes:
    return {name: _plain(value) for name, value in values.items() if value is not None}
