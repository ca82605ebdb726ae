"""One published event made ready for a reader; what is personal is revealed here, or marked as hidden.

It knows no language: a fact carries the key of its name and its value as it is.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.events import (
    BY_TAG,
    Attachment,
    AuthorityRegistered,
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    CitizenForgotten,
    DocumentAttached,
    DocumentsReceived,
    DocumentsRequested,
    Event,
    InteractionCorrected,
    InteractionRecorded,
    Particulars,
    ServiceEventRecorded,
    ServicePublished,
    StepRecorded,
)
from ledger.domain.vocabulary import Channel, Direction, Term
from projections.console import service_events
from projections.timeline import TimelineEntry

Reveal = Callable[[str], str | None]
Shown = str | bool | date | datetime | timedelta | Term

SEALED = "sealed:"
RECORDED_LATE_AFTER = timedelta(minutes=15)

PARTICULARS = {
    "desk": "channel.desk",
    "call_back_by": "channel.call-back",
    "form": "channel.form",
    "offline": "channel.offline",
    "automatic": "channel.automatic",
    "postmarked_on": "channel.postmarked",
    "registered": "channel.registered",
    "network": "channel.network",
    "public": "channel.public",
    "human_wanted": "channel.human-wanted",
    "partner": "channel.partner",
}


class Said(Struct, frozen=True):
    """A personal text as a reader may see it: in clear, erased with its key, or sealed without one."""

    text: str
    veil: Literal["clear", "erased", "sealed"]


class Fact(Struct, frozen=True):
    """One thing known, under the key of the text that names it; a truth needs no value beside its name."""

    key: str
    value: Shown


class Happening(Struct, frozen=True, kw_only=True):
    """One event, ready to be shown; `said`, `reason` and `contact` are personal, `headline` is not.

    `coined` are facts under names that a service gave itself: no text translates them.
    """

    position: int
    name: str
    case_id: UUID | None
    authority: str | None
    service: str | None
    channel: Channel
    occurred_at: datetime
    recorded_at: datetime
    recorded_by: str
    readable: bool
    direction: Direction | None = None
    headline: str = ""
    said: Said | None = None
    reason: Said | None = None
    contact: Said | None = None
    facts: tuple[Fact, ...] = ()
    coined: tuple[tuple[str, str | bool], ...] = ()
    documents: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    interaction_id: UUID | None = None
    about: datetime | None = None
    corrected_at: datetime | None = None

    @property
    def recorded_late(self) -> bool:
        """Tell whether it was written down notably after it happened."""
        return self.recorded_at - self.occurred_at > RECORDED_LATE_AFTER

    @property
    def on_a_channel(self) -> bool:
        """Tell whether it happened on its channel; an act of the authority is only filed under one."""
        return self.direction is not None or self.name in {"case-opened", "service-event-recorded"}

    @property
    def text_key(self) -> str:
        """The key of the text that says what happened."""
        suffix = f".{self.direction.value}" if self.direction else ""
        return f"event.{self.name}{suffix}"


def read(token: str, reveal: Reveal) -> Said | None:
    """Return a personal text as it may be shown; nothing when nothing was written."""
    if not token:
        return None
    text = reveal(token)
    if text is None:
        return Said("", "erased")
    return Said("", "sealed") if text.startswith(SEALED) else Said(text, "clear")


def decode(entry: TimelineEntry) -> Event | None:
    """Return the event of an entry, or nothing when a newer version wrote it."""
    kind = BY_TAG.get(entry.event)
    return msgspec.json.decode(entry.data, type=kind) if kind else None


def tell(entry: TimelineEntry, reveal: Reveal) -> Happening:
    """Return an entry of a timeline, ready to be shown."""
    event = decode(entry)
    told = Happening(
        position=entry.position,
        name=entry.event.partition(".")[0],
        case_id=entry.case_id,
        authority=entry.authority,
        service=entry.service,
        channel=entry.channel,
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at,
        recorded_by=entry.recorded_by,
        readable=event is not None,
    )
    return _with_papers(_with_words(told, event, reveal), event, reveal)


def _with_words(told: Happening, event: Event | None, reveal: Reveal) -> Happening:
    match event:
        case InteractionRecorded() | InteractionCorrected():
            return _with_contact(told, event, reveal)
        case CaseOpened():
            facts = _facts(("case.deadline", event.deadline))
            return replace(told, said=read(event.title, reveal), facts=facts)
        case CaseDecided():
            facts = _facts(("case.decided", event.outcome))
            return replace(told, said=read(event.grounds, reveal), facts=facts)
        case CaseClosed():
            return replace(told, facts=_facts(("case.reason", event.reason)))
        case CaseReopened() | CaseHandedOver():
            return replace(told, reason=read(event.reason, reveal))
        case StepRecorded():
            return replace(told, headline=event.activity, facts=_charge(event))
        case CaseAssigned():
            return replace(told, facts=_charge(event))
        case ServiceEventRecorded():
            return _with_coined(told, event, reveal)
        case AuthorityRegistered() | ServicePublished():
            return replace(told, headline=event.name)
        case CitizenForgotten():
            return replace(told, headline=event.legal_basis)
        case _:
            return told


def _with_contact(told: Happening, event: InteractionRecorded | InteractionCorrected, reveal: Reveal) -> Happening:
    said, contact = read(event.summary, reveal), read(event.contact, reveal)
    told = replace(told, interaction_id=event.interaction_id, said=said, contact=contact)
    if isinstance(event, InteractionCorrected):
        return replace(told, reason=read(event.reason, reveal), facts=_changes(event))
    return replace(told, direction=event.direction, facts=particulars(event.particulars))


def _with_coined(told: Happening, event: ServiceEventRecorded, reveal: Reveal) -> Happening:
    said = read(event.content, reveal)
    if said and said.veil == "clear":
        said = replace(said, text=service_events.in_words(said.text))
    return replace(
        told, headline=service_events.headline(event.name), said=said, coined=service_events.known(event.facts)
    )


def _with_papers(told: Happening, event: Event | None, reveal: Reveal) -> Happening:
    match event:
        case InteractionRecorded():
            return replace(told, attachments=event.attachments)
        case DocumentsRequested():
            facts = _facts(("case.reply-by", event.reply_by))
            return replace(told, documents=event.documents, facts=facts)
        case DocumentsReceived():
            key = "case.complete" if event.complete else "case.incomplete"
            return replace(told, attachments=event.attachments, facts=(Fact(key, value=True),))
        case DocumentAttached():
            return replace(told, said=read(event.title, reveal), attachments=(event.document,))
        case CaseHandedOver():
            places = (event.from_unit or event.from_authority, event.to_unit or event.to_authority)
            return replace(told, documents=places)
        case _:
            return told


def particulars(known: Particulars | None) -> tuple[Fact, ...]:
    """Return what only its channel knows of a contact; what is not so is not said."""
    if known is None:
        return ()
    fields = known.__struct_fields__
    return _facts(*((PARTICULARS[field], getattr(known, field) or None) for field in fields))


def _changes(event: InteractionCorrected) -> tuple[Fact, ...]:
    changed = _facts(
        ("case.citizen", str(event.citizen)[:8] if event.citizen else None),
        ("column.channel", event.channel),
        ("case.direction", event.direction),
        ("case.happened", event.interaction_occurred_at),
    )
    return changed + particulars(event.particulars)


def _charge(event: StepRecorded | CaseAssigned) -> tuple[Fact, ...]:
    return _facts(("case.agent", event.agent), ("case.unit", event.unit))


def _facts(*known: tuple[str, Shown | None]) -> tuple[Fact, ...]:
    return tuple(Fact(key, value) for key, value in known if value is not None)
