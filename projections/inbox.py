"""What all inboxes share: one row a case, who waits for whom, and what the last contact said.

Each channel's own inbox stands on this and adds only what is particular to its channel. First comes what
waits for an agent, by urgency; then the rest, the latest contact first.
"""

from collections.abc import Callable
from datetime import datetime
from sqlite3 import Connection
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from ledger.domain.events import Particulars
from ledger.domain.vocabulary import CaseStatus, Channel, Direction
from projections.casebook import inbox_view
from projections.contacts import to_particulars
from projections.conversation import RANK_OF_THE_REST, Rules, instant_in, unanswered
from projections.engine.view import Page
from projections.keys import from_cursor, to_cursor, to_moment


class InboxRow(Struct, frozen=True, kw_only=True):
    """A case as an agent's inbox shows it; `title` and `summary` are sealed tokens, or empty."""

    case_id: UUID
    reference: str | None
    authority: str
    service: str
    unit: str | None
    agent: str | None
    status: CaseStatus
    citizen: UUID | None
    opened_on: Channel
    opened_at: datetime
    deadline: datetime | None
    last_channel: Channel
    last_direction: Direction
    last_at: datetime
    awaiting_answer_since: datetime | None
    interactions: int
    title: str
    summary: str


class ChannelRow(InboxRow, frozen=True, kw_only=True):
    """A case as the inbox of one channel shows it: how often it came here, when last, and whether it waits."""

    contacts_here: int
    here_at: datetime
    waiting: bool


class InboxQuery(Struct, frozen=True, kw_only=True):
    """Which rows of an inbox, and from where on; the same for all inboxes."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: str | None = None
    status: CaseStatus | None = None
    awaiting: bool | None = None
    authority: str | None = None
    service: str | None = None
    unit: str | None = None
    reference: str | None = None


class Here(Struct, frozen=True, kw_only=True):
    """The last contact of a case on the channel of an inbox, and how urgent that inbox finds the case."""

    at: datetime
    recorded_at: datetime
    particulars: Particulars | None
    urgency: int | None
    opened_on: Channel

    def urgent_since(self, tier: int) -> datetime | None:
        """Return the moment by which the case is ranked, if what waits is of that tier."""
        instant = instant_in(tier, self.urgency)
        return None if instant is None else to_moment(instant)


Row = TypeVar("Row", bound=InboxRow)
Fields = dict[str, Any]

_RULES = Rules(channel=None, urgency=unanswered)
_COLUMNS = (
    *("rank", "opened_position", "here_recorded_at", "here_particulars", "urgency", "here_contacts", "here_at"),
    *("case_id", "reference", "authority", "service", "unit", "agent", "status", "citizen", "opened_on"),
    *("opened_at", "deadline", "last_channel", "last_direction", "last_at", "awaiting_since"),
    *("interactions", "title", "summary"),
)
_COUNT_WAITING = f"SELECT count(*) FROM cases WHERE here_contacts > 0 AND rank < {RANK_OF_THE_REST}"  # noqa: S608
_MOMENTS = ("opened_at", "deadline", "last_at", "awaiting_since", "here_at", "here_recorded_at")


def rows(db: Connection, query: InboxQuery) -> Page[InboxRow]:
    """Cases of all channels: those that await an answer, the longest first; then the latest contact first."""
    return page(db, query, InboxRow)


def waiting(db: Connection) -> int:
    """How many cases wait for an agent in an inbox, on its own channel."""
    return int(db.execute(_COUNT_WAITING).fetchone()[0])


def page(
    db: Connection, query: InboxQuery, row: type[Row], particular: Callable[[Here], Fields] | None = None
) -> Page[Row]:
    """Rows of any inbox, in its order; `particular` adds to each what only its channel knows."""
    conditions, arguments = _conditions(query)
    found = db.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM cases WHERE {' AND '.join(conditions)} "  # noqa: S608  # all constants
        "ORDER BY rank, opened_position LIMIT ?",
        (*arguments, query.limit + 1),
    ).fetchall()
    shown = found[: query.limit]
    return Page(
        rows=[msgspec.convert(_fields(values, particular), row) for values in shown],
        cursor=to_cursor(*shown[-1][:2]) if len(found) > query.limit else None,
    )


def _conditions(query: InboxQuery) -> tuple[list[str], list[object]]:
    wanted = {
        "status = ?": query.status and query.status.value,
        "authority = ?": query.authority,
        "service = ?": query.service,
        "unit = ?": query.unit,
        "reference = ?": query.reference,
    }
    asked = {condition: value for condition, value in wanted.items() if value is not None}
    conditions, arguments = ["here_contacts > 0", *asked], list(asked.values())
    if query.awaiting is not None:
        conditions.append("awaiting_since IS NOT NULL" if query.awaiting else "awaiting_since IS NULL")
    if query.cursor is not None:
        conditions.append("(rank, opened_position) > (?, ?)")
        arguments.extend(from_cursor(query.cursor))
    return conditions, arguments


def _fields(values: tuple[Any, ...], particular: Callable[[Here], Fields] | None) -> Fields:
    fields: Fields = dict(zip(_COLUMNS, values, strict=True))
    for name in _MOMENTS:
        fields[name] = None if fields[name] is None else to_moment(fields[name])
    here = Here(
        at=fields["here_at"],
        recorded_at=fields["here_recorded_at"],
        particulars=to_particulars(fields["here_particulars"]),
        urgency=fields["urgency"],
        opened_on=Channel(fields["opened_on"]),
    )
    return {
        **fields,
        "awaiting_answer_since": fields["awaiting_since"],
        "contacts_here": fields["here_contacts"],
        "waiting": here.urgency is not None,
        **(particular(here) if particular else {}),
    }


VIEW = inbox_view("inbox", _RULES)
