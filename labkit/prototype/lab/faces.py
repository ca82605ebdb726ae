"""The two faces of an event: what an agent reads, and what a subscriber of the stream gets of it. Pure.

A personal field is in clear on the first and a sealed token on the second; both are shown side by side, so that who
makes a service sees what it gives away before anybody else does.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from labkit.prototype.events import ServiceEvent
from labkit.prototype.forking import is_copied
from labkit.prototype.questions import answers_of, questions_of
from labkit.prototype.story import Moment, ServiceCase
from labkit.prototype.telling import Told, told
from labkit.prototype.texts import Texts
from ledger.domain.citizen import personal_fields
from ledger.domain.events import CaseEvent
from ledger.domain.vocabulary import Term

_TOKEN = re.compile(r"(sealed:[\w-]{0,16})[\w=-]*")


class Field(Struct, frozen=True, kw_only=True):
    """One field in clear, and whether the stream only carries it sealed."""

    label: str
    value: str
    personal: bool


class Face(Struct, frozen=True, kw_only=True):
    """One event as both its readers see it."""

    told: Told
    fields: list[Field]
    published: str
    copied: bool


def faces_of(case: ServiceCase, sealed: Sequence[CaseEvent], texts: Texts) -> list[Face]:
    """Return the faces of all events of a case, the oldest first."""
    return [face_of(moment, event, texts) for moment, event in zip(case.moments, sealed, strict=False)]


def face_of(moment: Moment, sealed: CaseEvent, texts: Texts) -> Face:
    """Return both faces of one event."""
    own = moment.service_event
    return Face(
        told=told(moment, texts),
        fields=_ledger_fields(moment.event, texts) if own is None else _own_fields(own, texts),
        published=published(sealed),
        copied=is_copied(moment),
    )


def published(sealed: CaseEvent) -> str:
    """Return the data of an event as the stream carries them, tokens cut short."""
    text = msgspec.json.format(msgspec.json.encode(sealed), indent=2).decode()
    return _TOKEN.sub(r"\1…", text)


def _own_fields(event: ServiceEvent, texts: Texts) -> list[Field]:
    personal = {question.label for question in questions_of(type(event), texts) if question.personal}
    return [Field(label=label, value=value, personal=label in personal) for label, value in answers_of(event, texts)]


def _ledger_fields(event: CaseEvent, texts: Texts) -> list[Field]:
    sealed = personal_fields(type(event))
    labels = {name: texts.get(f"lab.field.{name}") for name in event.__struct_fields__}
    return [
        Field(label=label, value=_said(value, texts), personal=name in sealed)
        for name, label in labels.items()
        if label and (value := getattr(event, name))
    ]


def _said(value: Any, texts: Texts) -> str:  # noqa: ANN401  # whatever the field holds
    if isinstance(value, Term):
        return value.label(texts.language)
    if isinstance(value, datetime):
        return texts.moment(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
