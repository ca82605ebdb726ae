"""The story of one case: where it stands, and all that happened in it, the newest first. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.events import (
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    Event,
)
from ledger.domain.vocabulary import CaseStatus, Channel, Outcome
from projections.console.happenings import Happening, Reveal, Said, decode, read, tell
from projections.console.moments import local
from projections.timeline import TimelineEntry


class Header(Struct, frozen=True, kw_only=True):
    """Where a case stands."""

    case_id: UUID
    authority: str = ""
    service: str = ""
    title: Said | None = None
    reference: str | None = None
    status: CaseStatus = CaseStatus.OPEN
    unit: str | None = None
    agent: str | None = None
    citizen: UUID | None = None
    opened_at: datetime | None = None
    opened_on: Channel | None = None
    deadline: datetime | None = None
    outcome: Outcome | None = None


class Story(Struct, frozen=True, kw_only=True):
    """A case and all that happened in it."""

    header: Header
    happenings: list[Happening]

    @property
    def days(self) -> list[tuple[date, list[Happening]]]:
        """What happened, day by day."""
        by_day = groupby(self.happenings, key=lambda told: local(told.occurred_at).date())
        return [(day, list(told)) for day, told in by_day]

    @property
    def channels(self) -> list[Channel]:
        """The channels this case went through, in the order of their first use."""
        used = (told.channel for told in reversed(self.happenings) if told.on_a_channel)
        return list(dict.fromkeys(used))


def tell_story(case_id: UUID, entries: Sequence[TimelineEntry], reveal: Reveal) -> Story:
    """Return the story of a case: where it stands in ledger order, what happened in the citizen's order."""
    header = Header(case_id=case_id)
    for entry in sorted(entries, key=lambda entry: entry.position):
        header = _follow(header, decode(entry), reveal)
    told = sorted((tell(entry, reveal) for entry in entries), key=_when, reverse=True)
    return Story(header=header, happenings=_with_corrections(told))


def _when(told: Happening) -> tuple[datetime, int]:
    return told.occurred_at, told.position


def _follow(header: Header, event: Event | None, reveal: Reveal) -> Header:
    match event:
        case CaseOpened():
            return Header(
                case_id=event.case_id,
                authority=event.authority,
                service=event.service,
                title=read(event.title, reveal),
                reference=event.reference,
                unit=event.unit,
                citizen=event.citizen,
                opened_at=event.occurred_at,
                opened_on=event.channel,
                deadline=event.deadline,
            )
        case CaseAssigned():
            return replace(header, agent=event.agent, unit=event.unit or header.unit)
        case CaseHandedOver():
            return replace(header, authority=event.to_authority, unit=event.to_unit, agent=None)
        case CaseDecided():
            return replace(header, outcome=event.outcome)
        case CaseClosed():
            return replace(header, status=CaseStatus.CLOSED)
        case CaseReopened():
            return replace(header, status=CaseStatus.OPEN)
        case _:
            return header


def _with_corrections(happenings: Iterable[Happening]) -> list[Happening]:
    """Let a corrected contact name its correction, and a correction the contact it is about."""
    told = list(happenings)
    contacts, corrections = _moments(told, contact=True), _moments(told, contact=False)
    return [_linked(happening, contacts, corrections) for happening in told]


def _moments(told: list[Happening], *, contact: bool) -> dict[UUID, datetime]:
    """When each contact took place, or was last corrected, by its identifier."""
    oldest_first = reversed(told)
    chosen = (happening for happening in oldest_first if bool(happening.direction) is contact)
    return {h.interaction_id: h.occurred_at for h in chosen if h.interaction_id}


def _linked(told: Happening, contacts: dict[UUID, datetime], corrections: dict[UUID, datetime]) -> Happening:
    if told.interaction_id is None:
        return told
    if told.direction:
        return replace(told, corrected_at=corrections.get(told.interaction_id))
    return replace(told, about=contacts.get(told.interaction_id))
