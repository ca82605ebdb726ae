"""A row of an inbox made ready: who waits for whom, how the deadline stands, what only this channel knows."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct

from ledger.domain.vocabulary import CaseStatus, Channel, Direction
from projections.console.happenings import PARTICULARS, RECORDED_LATE_AFTER, Fact, Reveal, Said, read
from projections.console.moments import local
from projections.inbox import InboxRow

SOON = timedelta(days=3)
COLUMNS = PARTICULARS | {
    "taken_up": "channel.taken-up",
    "human_wanted_since": "channel.human-wanted",
    "own_motion": "channel.own-motion",
}


class Badge(Struct, frozen=True):
    """How a deadline stands: the key of its text, the time left or passed, and how loud to say it."""

    key: str
    time: timedelta
    tone: Literal["late", "soon", "calm"]


class Wait(Struct, frozen=True):
    """Who waits, under the key of its text, and since when."""

    key: str
    since: datetime | None
    pressing: bool


class ShownRow(Struct, frozen=True, kw_only=True):
    """A case of an inbox, ready to be shown."""

    case_id: UUID
    reference: str | None
    title: Said | None
    summary: Said | None
    authority: str
    service: str
    unit: str | None
    agent: str | None
    status: CaseStatus
    channel: Channel
    direction: Direction
    last_at: datetime
    interactions: int
    wait: Wait
    deadline: datetime | None
    badge: Badge | None
    particulars: tuple[Fact, ...]


def show(row: InboxRow, reveal: Reveal, now: datetime) -> ShownRow:
    """Return a row of an inbox as an agent sees it at `now`."""
    return ShownRow(
        case_id=row.case_id,
        reference=row.reference,
        title=read(row.title, reveal),
        summary=read(row.summary, reveal),
        authority=row.authority,
        service=row.service,
        unit=row.unit,
        agent=row.agent,
        status=row.status,
        channel=row.last_channel,
        direction=row.last_direction,
        last_at=row.last_at,
        interactions=row.interactions,
        wait=wait_of(row),
        deadline=row.deadline,
        badge=badge_of(row.deadline, row.status, now),
        particulars=_particulars(row),
    )


def wait_of(row: InboxRow) -> Wait:
    """Tell who waits in a case."""
    if row.awaiting_answer_since and row.status is CaseStatus.OPEN:
        return Wait("inbox.citizen-waits", row.awaiting_answer_since, pressing=True)
    if row.last_direction is Direction.OUT and row.status is CaseStatus.OPEN:
        return Wait("inbox.answered", row.last_at, pressing=False)
    return Wait("inbox.nobody-waits", None, pressing=False)


def badge_of(deadline: datetime | None, status: CaseStatus, now: datetime) -> Badge | None:
    """Tell how the deadline of an open case stands; a closed case has none to fear."""
    if deadline is None or status is CaseStatus.CLOSED:
        return None
    left = deadline - now
    if left < timedelta(0):
        return Badge("deadline.late", -left, "late")
    if local(deadline).date() == local(now).date():
        return Badge("deadline.today", left, "soon")
    return Badge("deadline.in", left, "soon" if left < SOON else "calm")


def _particulars(row: InboxRow) -> tuple[Fact, ...]:
    """Return the fields that only its channel's row has, under the keys that name them."""
    known = ((key, getattr(row, field, None) or None) for field, key in COLUMNS.items())
    facts = [Fact(key, value) for key, value in known if value is not None]
    if getattr(row, "public", None) is False:
        facts.append(Fact("channel.private", value=True))
    late_by = timedelta(seconds=getattr(row, "late_by_s", 0))
    if late_by > RECORDED_LATE_AFTER:
        facts.append(Fact("channel.arrived", late_by))
    return tuple(facts)
