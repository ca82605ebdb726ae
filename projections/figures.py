"""The tables behind the overview: one row a case, and figures kept up to date as events come.

What can be counted as it happens is counted here; what depends on the hour, or is a rank among many, is
left to the question (`overview`).
"""

from sqlite3 import Connection

from msgspec.structs import astuple

from ledger.domain.events import (
    AuthorityRegistered,
    CaseAssigned,
    CaseClosed,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    InteractionCorrected,
    InteractionRecorded,
    ServicePublished,
    StepRecorded,
)
from ledger.domain.vocabulary import Channel
from ledger.publishing.published import PublishedEvent
from projections import charges
from projections.keys import to_instant

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS cases (
    opened_position INTEGER PRIMARY KEY,
    case_id BLOB NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    authority TEXT NOT NULL,
    service TEXT NOT NULL,
    unit TEXT,
    deadline INTEGER,
    closed_at INTEGER,
    steps INTEGER NOT NULL DEFAULT 0,
    first_step_at INTEGER,
    last_step_at INTEGER,
    duration INTEGER AS (last_step_at - first_step_at)
);
CREATE INDEX IF NOT EXISTS cases_by_duration ON cases (duration) WHERE duration IS NOT NULL;
CREATE INDEX IF NOT EXISTS cases_by_channel_and_duration ON cases (channel, duration) WHERE duration IS NOT NULL;
CREATE INDEX IF NOT EXISTS open_cases_by_deadline ON cases (authority, service, deadline)
WHERE closed_at IS NULL AND deadline IS NOT NULL;
CREATE TABLE IF NOT EXISTS contacts (
    case_id BLOB NOT NULL,
    interaction_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (case_id, interaction_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS channels (
    channel TEXT PRIMARY KEY,
    cases INTEGER NOT NULL DEFAULT 0,
    interactions INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0,
    worked INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS authorities (
    authority TEXT PRIMARY KEY,
    name TEXT NOT NULL
) WITHOUT ROWID;
{charges.SCHEMA}
CREATE TABLE IF NOT EXISTS flow (
    minute INTEGER NOT NULL,
    channel TEXT NOT NULL,
    interactions INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (minute, channel)
) WITHOUT ROWID;
"""
MINUTE = 60 * 1_000_000
_MINUTES_KEPT = 24 * 60

_COUNT_CASE = """
INSERT INTO channels (channel, cases) VALUES (?, 1) ON CONFLICT (channel) DO UPDATE SET cases = cases + 1
"""
_COUNT_CONTACT = """
INSERT INTO channels (channel, interactions) VALUES (?1, ?2)
ON CONFLICT (channel) DO UPDATE SET interactions = interactions + ?2
"""
_COUNT_STEP = """
UPDATE channels SET steps = steps + 1, worked = worked + (SELECT steps = 1 FROM cases WHERE case_id = ?)
WHERE channel = ?
"""
_FORGET_MINUTES = f"DELETE FROM flow WHERE minute <= (SELECT max(minute) FROM flow) - {_MINUTES_KEPT}"  # noqa: S608
_NAME_AUTHORITY = "INSERT INTO authorities VALUES (?1, ?2) ON CONFLICT (authority) DO UPDATE SET name = ?2"
_OPEN = """
INSERT INTO cases (opened_position, case_id, channel, authority, service, unit, deadline, closed_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_TAKE_STEP = """
UPDATE cases SET steps = steps + 1, first_step_at = min(coalesce(first_step_at, ?1), ?1),
    last_step_at = max(coalesce(last_step_at, ?1), ?1) WHERE case_id = ?2
"""
_ADD_CONTACT = """
INSERT INTO contacts VALUES (?1, ?2, ?3) ON CONFLICT (case_id, interaction_id) DO UPDATE SET channel = ?3
"""
_CHANNEL_OF_CONTACT = "SELECT channel FROM contacts WHERE case_id = ? AND interaction_id = ?"
_SET_CHANNEL_OF_CONTACT = "UPDATE contacts SET channel = ? WHERE case_id = ? AND interaction_id = ?"
_COUNT_MINUTE = """
INSERT INTO flow (minute, channel) VALUES (?, ?)
ON CONFLICT (minute, channel) DO UPDATE SET interactions = interactions + 1 RETURNING interactions
"""


def tally(db: Connection, event: PublishedEvent) -> None:
    """Fold one event into the figures."""
    match event.event:
        case StepRecorded() as step:
            _take_step(db, step, event.channel)
        case InteractionRecorded() as contact:
            _count_contact(db, contact)
        case CaseOpened() as opened:
            _open(db, opened, event.position)
        case CaseAssigned() | CaseHandedOver() | CaseClosed() | CaseReopened():
            charges.change(db, event.event)
        case InteractionCorrected(channel=Channel() as channel) as corrected:
            _move_contact(db, corrected, channel.value)
        case AuthorityRegistered(authority=authority, name=name):
            db.execute(_NAME_AUTHORITY, (authority, name))
        case ServicePublished() as published:
            charges.name_service(db, published)


def _take_step(db: Connection, step: StepRecorded, opened_on: Channel) -> None:
    case_id = step.case_id.bytes
    db.execute(_TAKE_STEP, (to_instant(step.occurred_at), case_id))
    db.execute(_COUNT_STEP, (case_id, opened_on.value))
    if step.unit:
        charges.count_step(db, step.unit)


def _count_contact(db: Connection, contact: InteractionRecorded) -> None:
    channel, minute = contact.channel.value, to_instant(contact.stamp.recorded_at) // MINUTE
    db.execute(_ADD_CONTACT, (contact.case_id.bytes, contact.interaction_id.bytes, channel))
    db.execute(_COUNT_CONTACT, (channel, 1))
    if db.execute(_COUNT_MINUTE, (minute, channel)).fetchone() == (1,):
        db.execute(_FORGET_MINUTES)


def _move_contact(db: Connection, corrected: InteractionCorrected, channel: str) -> None:
    contact = (corrected.case_id.bytes, corrected.interaction_id.bytes)
    (before,) = db.execute(_CHANNEL_OF_CONTACT, contact).fetchone()
    db.execute(_SET_CHANNEL_OF_CONTACT, (channel, *contact))
    db.execute(_COUNT_CONTACT, (before, -1))
    db.execute(_COUNT_CONTACT, (channel, 1))


def _open(db: Connection, opened: CaseOpened, position: int) -> None:
    deadline = to_instant(opened.deadline) if opened.deadline else None
    charge = charges.Charge(opened.authority, opened.service, opened.unit, deadline)
    channel = opened.channel.value
    db.execute(_OPEN, (position, opened.case_id.bytes, channel, *astuple(charge)))
    db.execute(_COUNT_CASE, (channel,))
    charges.count(db, charge, 1)
