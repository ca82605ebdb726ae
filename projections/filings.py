"""The tables of the requests that partners file by Open311, and how events fold into them.

A case of the partner channel is followed from its opening, and is a request once the event says that Open311
brought it. Nothing personal is here in clear: texts stay sealed tokens, and the place is the one that may be seen.
"""

from sqlite3 import Connection

from ledger.domain.events import (
    AuthorityRegistered,
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    DocumentsReceived,
    DocumentsRequested,
    Event,
    InteractionRecorded,
    ServiceEventRecorded,
    ServicePublished,
)
from ledger.domain.identifiers import Fact
from ledger.domain.vocabulary import CaseStatus, Channel, Direction
from ledger.publishing.published import PublishedEvent
from projections.keys import to_instant

FOLDED: frozenset[type[Event]] = frozenset(
    {
        AuthorityRegistered,
        CaseAssigned,
        CaseClosed,
        CaseDecided,
        CaseHandedOver,
        CaseOpened,
        CaseReopened,
        DocumentsReceived,
        DocumentsRequested,
        InteractionRecorded,
        ServiceEventRecorded,
        ServicePublished,
    }
)
FILED = "open311-request.v1"
BY_OPEN311 = "open311:"

SCHEMA = """
CREATE TABLE IF NOT EXISTS agencies (authority TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offers (
    authority TEXT NOT NULL,
    service TEXT NOT NULL,
    name TEXT NOT NULL,
    answer_days INTEGER,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (authority, service)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS requests (
    opened_position INTEGER PRIMARY KEY,
    case_id BLOB NOT NULL UNIQUE,
    authority TEXT NOT NULL,
    service TEXT NOT NULL,
    agency TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    requested_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expected_at INTEGER,
    filed_by TEXT,
    lat REAL,
    long REAL,
    description TEXT NOT NULL DEFAULT '',
    content TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS requests_by_date ON requests (authority, requested_at, opened_position)
    WHERE filed_by IS NOT NULL;
CREATE TABLE IF NOT EXISTS updates (
    position INTEGER PRIMARY KEY,
    case_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT,
    status TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    text TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS updates_by_case ON updates (case_id, position);
CREATE INDEX IF NOT EXISTS updates_by_date ON updates (updated_at, position);
"""

_NAME_AGENCY = "INSERT INTO agencies VALUES (?, ?) ON CONFLICT (authority) DO UPDATE SET name = excluded.name"
_PUBLISH = """
INSERT INTO offers VALUES (?, ?, ?, ?, ?) ON CONFLICT (authority, service)
    DO UPDATE SET name = excluded.name, answer_days = excluded.answer_days, published_at = excluded.published_at
"""
_OPEN = """
INSERT INTO requests (opened_position, case_id, authority, service, agency, status, requested_at, updated_at,
    expected_at) VALUES (?1, ?2, ?3, ?4, ?3, ?5, ?6, ?7, ?8)
"""
_FILE = """
UPDATE requests SET filed_by = ?, lat = ?, long = ?, content = ? WHERE case_id = ? AND filed_by IS NULL
"""
_DESCRIBE = """
UPDATE requests SET description = ? WHERE case_id = ? AND filed_by IS NULL AND description = ''
"""
_UPDATE = """
INSERT INTO updates SELECT ?1, case_id, ?2, ?3, status, ?4, ?5 FROM requests WHERE case_id = ?6
"""
_TOUCH = "UPDATE requests SET updated_at = ? WHERE case_id = ?"
_CLOSE = "UPDATE requests SET status = ?, reason = ? WHERE case_id = ?"
_HAND_OVER = "UPDATE requests SET agency = ? WHERE case_id = ?"


def follow(db: Connection, event: PublishedEvent) -> None:
    """Fold one event."""
    match event.event:
        case InteractionRecorded() as contact:
            _hear(db, contact, event)
        case ServiceEventRecorded(name=name) as happened if name == FILED:
            _file(db, happened)
        case ServiceEventRecorded() as happened:
            _note(db, event, "service-event", happened.name)
        case CaseOpened(channel=Channel.PARTNER) as opened:
            _open(db, opened, event)
        case CaseAssigned():
            _note(db, event, "assigned")
        case CaseHandedOver(case_id=case_id, to_authority=agency):
            db.execute(_HAND_OVER, (agency, case_id.bytes))
            _note(db, event, "handed-over")
        case DocumentsRequested():
            _note(db, event, "documents-requested")
        case DocumentsReceived():
            _note(db, event, "documents-received")
        case CaseDecided(outcome=outcome):
            _note(db, event, "decided", outcome.value)
        case CaseClosed(case_id=case_id, reason=reason):
            db.execute(_CLOSE, (CaseStatus.CLOSED.value, reason.value, case_id.bytes))
            _note(db, event, "closed", reason.value)
        case CaseReopened(case_id=case_id):
            db.execute(_CLOSE, (CaseStatus.OPEN.value, None, case_id.bytes))
            _note(db, event, "reopened")
        case AuthorityRegistered(authority=authority, name=name):
            db.execute(_NAME_AGENCY, (authority, name))
        case ServicePublished(authority=authority, service=service, name=name, answer_days=days) as published:
            db.execute(_PUBLISH, (authority, service, name, days, to_instant(published.stamp.recorded_at)))


def _open(db: Connection, opened: CaseOpened, event: PublishedEvent) -> None:
    recorded_at = to_instant(opened.stamp.recorded_at)
    values = (
        event.position,
        opened.case_id.bytes,
        opened.authority,
        opened.service,
        CaseStatus.OPEN.value,
        to_instant(opened.occurred_at),
        recorded_at,
        to_instant(opened.deadline) if opened.deadline else None,
    )
    db.execute(_OPEN, values)
    _note(db, event, "opened")


def _hear(db: Connection, contact: InteractionRecorded, event: PublishedEvent) -> None:
    # What an agent notes of a partner's call is on this channel too, and is not the partner's to read.
    if not contact.stamp.by.startswith(BY_OPEN311) or contact.direction is not Direction.IN:
        return
    case_id = contact.case_id.bytes
    if db.execute(_DESCRIBE, (contact.summary, case_id)).rowcount:
        return
    _note(db, event, "commented", text=contact.summary)


def _file(db: Connection, filed: ServiceEventRecorded) -> None:
    partner, lat, long = (filed.facts.get(name) for name in ("partner", "lat", "long"))
    # Whoever writes to the ledger may name an event so: what has not the form of a request is not one.
    if isinstance(partner, str):
        degrees = (_degrees(lat, 90), _degrees(long, 180))
        place = degrees if None not in degrees else (None, None)
        db.execute(_FILE, (partner, *place, filed.content, filed.case_id.bytes))


def _degrees(fact: Fact, most: int) -> float | None:
    if isinstance(fact, bool) or not isinstance(fact, int | float):
        return None
    return float(fact) if abs(fact) <= most else None


def _note(db: Connection, event: PublishedEvent, kind: str, detail: str | None = None, *, text: str = "") -> None:
    case_id = event.subject.bytes if event.subject else b""
    recorded_at = to_instant(event.event.stamp.recorded_at)
    db.execute(_UPDATE, (event.position, kind, detail, recorded_at, text, case_id))
    db.execute(_TOUCH, (recorded_at, case_id))
