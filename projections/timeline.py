"""The story of one case across all channels, and the list of everything that happened, in ledger order."""

from collections.abc import Sequence
from datetime import datetime
from sqlite3 import Connection
from typing import Any
from uuid import UUID

from msgspec import Raw, Struct

from ledger.domain.events import CaseEvent
from ledger.domain.vocabulary import Channel
from ledger.publishing.published import PublishedEvent
from projections.engine.view import Page, View
from projections.keys import from_cursor, to_cursor, to_instant, to_moment

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    position INTEGER PRIMARY KEY,
    event_id BLOB NOT NULL,
    event TEXT NOT NULL,
    case_id BLOB,
    authority TEXT,
    service TEXT,
    channel TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    data BLOB NOT NULL
);
"""
INDEXES = """
CREATE INDEX IF NOT EXISTS entries_by_case ON entries (case_id, occurred_at) WHERE case_id IS NOT NULL;
"""
_ADD = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (position) DO NOTHING"

_BEFORE_ALL = (-(2**63), 0)


class TimelineEntry(Struct, frozen=True, kw_only=True):
    """One event of a case as published; personal fields inside `data` are sealed tokens."""

    position: int
    event_id: UUID
    event: str
    case_id: UUID | None
    authority: str | None
    service: str | None
    channel: Channel
    occurred_at: datetime
    recorded_at: datetime
    recorded_by: str
    data: Raw


def project(db: Connection, event: PublishedEvent) -> None:
    """Add one event to the list."""
    project_page(db, (event,))


def project_page(db: Connection, events: Sequence[PublishedEvent]) -> None:
    """Add events to the list."""
    if events:
        db.executemany(_ADD, [_values(event) for event in events])


def of_case(db: Connection, case_id: UUID, *, limit: int, cursor: str | None = None) -> Page[TimelineEntry]:
    """The citizen's story: what happened to one case, in the order it happened, whenever it was recorded."""
    found = db.execute(
        """
        SELECT * FROM entries WHERE case_id = ? AND (occurred_at, position) > (?, ?)
        ORDER BY occurred_at, position LIMIT ?
        """,
        (case_id.bytes, *(from_cursor(cursor) if cursor is not None else _BEFORE_ALL), limit + 1),
    ).fetchall()
    entries = [_entry(values) for values in found[:limit]]
    if len(found) <= limit:
        return Page(rows=entries)
    return Page(rows=entries, cursor=to_cursor(to_instant(entries[-1].occurred_at), entries[-1].position))


def since(db: Connection, position: int, limit: int) -> list[TimelineEntry]:
    """What was recorded after a position, in ledger order."""
    found = db.execute("SELECT * FROM entries WHERE position > ? ORDER BY position LIMIT ?", (position, limit))
    return [_entry(values) for values in found]


def last_position(db: Connection) -> int:
    """The position of the last event in the list, 0 if there is none."""
    position: int = db.execute("SELECT coalesce(max(position), 0) FROM entries").fetchone()[0]
    return position


def _values(event: PublishedEvent) -> tuple[object, ...]:
    happened = event.event
    return (
        event.position,
        event.event_id.bytes,
        event.tag,
        happened.case_id.bytes if isinstance(happened, CaseEvent) else None,
        event.authority,
        event.service,
        event.channel.value,
        to_instant(happened.occurred_at),
        to_instant(happened.stamp.recorded_at),
        happened.stamp.by,
        event.data,
    )


def _entry(values: tuple[Any, ...]) -> TimelineEntry:
    position, event_id, event, case_id, authority, service, channel, occurred_at, recorded_at, by, data = values
    return TimelineEntry(
        position=position,
        event_id=UUID(bytes=event_id),
        event=event,
        case_id=UUID(bytes=case_id) if case_id else None,
        authority=authority,
        service=service,
        channel=Channel(channel),
        occurred_at=to_moment(occurred_at),
        recorded_at=to_moment(recorded_at),
        recorded_by=by,
        data=Raw(data),
    )


VIEW = View(
    name="timeline",
    version=2,
    schema=SCHEMA + INDEXES,
    indexes=INDEXES,
    project=project,
    project_page=project_page,
    followed=True,
)
