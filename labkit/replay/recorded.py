"""What a recording holds: first what was recorded, then what happened, in order.

It holds what persons typed, in clear: a recording is as personal as what was recorded, and stays with those who tried
the prototype.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ledger.domain.events import LedgerEvent
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel, Language

FORMAT = 1
Offset = Annotated[float, Meta(ge=0, le=31_536_000)]
"""Seconds since the recording began, for a year at most."""


class Line(Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """What every line is."""


class Header(Line, frozen=True, kw_only=True, tag="recording"):
    """The first line: what was recorded, by which kit."""

    format: int
    kit: str
    began_at: datetime
    project: str
    service: str
    authority_name: str
    languages: Annotated[tuple[Language, ...], Meta(min_length=1)]


class PageShown(Line, frozen=True, kw_only=True, tag="page"):
    """A page as it was, with what had been typed into it."""

    offset: Offset
    path: str
    title: str
    language: Language
    html: str


class FormSent(Line, frozen=True, kw_only=True, tag="form"):
    """A form was sent; what it held is in the events that came of it."""

    offset: Offset
    path: str


class Words(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened, in one language."""

    title: str
    by: str = ""
    text: str = ""
    answers: tuple[tuple[str, str], ...] = ()


class EventTold(Line, frozen=True, kw_only=True, tag="event"):
    """An event of the ledger, unsealed, and in words."""

    offset: Offset
    case: CaseId
    reference: str
    version: int
    name: str
    channel: Channel | None = None
    words: dict[Language, Words]
    event: LedgerEvent


class Ended(Line, frozen=True, kw_only=True, tag="end"):
    """Nothing more was recorded: the file was full."""

    offset: Offset
    reason: Literal["full"]


Entry = PageShown | FormSent | EventTold
Read = Header | PageShown | FormSent | EventTold | Ended


class Recording(Struct, frozen=True, kw_only=True):
    """A whole recording."""

    header: Header
    entries: tuple[Entry, ...]
    full: bool = False

    def events(self) -> tuple[EventTold, ...]:
        """Return what happened on the ledger, in order."""
        return tuple(entry for entry in self.entries if isinstance(entry, EventTold))
