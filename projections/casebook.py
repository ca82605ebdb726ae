"""The tables that every inbox keeps, and how events fold into them.

An inbox keeps all cases and all contacts, whatever its channel: any case may come to it later, be it by
the correction of a contact. What is `here_…` concerns the inbox's own channel only.
"""

from sqlite3 import Connection

from ledger.domain.events import (
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    DocumentsRequested,
    InteractionCorrected,
    InteractionRecorded,
    StepRecorded,
)
from ledger.domain.vocabulary import CaseStatus
from ledger.publishing.published import PublishedEvent
from projections import contacts
from projections.conversation import LAST_TIER, TIER, Rules
from projections.keys import to_instant

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS cases (
    opened_position INTEGER PRIMARY KEY,
    case_id BLOB NOT NULL UNIQUE,
    reference TEXT,
    authority TEXT NOT NULL,
    service TEXT NOT NULL,
    unit TEXT,
    agent TEXT,
    status TEXT NOT NULL,
    citizen BLOB,
    opened_on TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    deadline INTEGER,
    title TEXT NOT NULL,
    last_channel TEXT,
    last_direction TEXT,
    last_at INTEGER,
    summary TEXT,
    interactions INTEGER NOT NULL DEFAULT 0,
    awaiting_since INTEGER,
    answered INTEGER NOT NULL DEFAULT 0,
    here_contacts INTEGER NOT NULL DEFAULT 0,
    here_at INTEGER,
    here_recorded_at INTEGER,
    here_particulars TEXT,
    urgency INTEGER,
    settled INTEGER NOT NULL DEFAULT 0,
    rank INTEGER AS (coalesce(urgency, {LAST_TIER * TIER} - here_at))
);
CREATE INDEX IF NOT EXISTS cases_by_rank ON cases (rank) WHERE here_contacts > 0;
CREATE INDEX IF NOT EXISTS cases_awaiting ON cases (rank) WHERE here_contacts > 0 AND awaiting_since IS NOT NULL;
CREATE INDEX IF NOT EXISTS cases_by_authority ON cases (authority, rank) WHERE here_contacts > 0;
CREATE INDEX IF NOT EXISTS cases_by_unit ON cases (unit, rank) WHERE here_contacts > 0;
CREATE INDEX IF NOT EXISTS cases_by_service ON cases (service, rank) WHERE here_contacts > 0;
CREATE INDEX IF NOT EXISTS cases_by_reference ON cases (reference) WHERE reference IS NOT NULL;
{contacts.SCHEMA}"""

_SETTLE = "UPDATE cases SET urgency = NULL, settled = ? WHERE case_id = ?"
_ANSWER = """
UPDATE cases SET awaiting_since = NULL, urgency = NULL, answered = ?1, settled = ?1 WHERE case_id = ?2
"""
_ASSIGN = "UPDATE cases SET agent = ?, unit = coalesce(?, unit) WHERE case_id = ?"
_HAND_OVER = "UPDATE cases SET authority = ?, unit = ?, agent = NULL WHERE case_id = ?"
_SET_STATUS = "UPDATE cases SET status = ? WHERE case_id = ?"
_OPEN = """
INSERT INTO cases (opened_position, case_id, reference, authority, service, unit, status, citizen, opened_on,
    opened_at, deadline, title) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def follow(db: Connection, event: PublishedEvent, rules: Rules) -> None:
    """Fold one event into the tables of an inbox."""
    match event.event:
        case StepRecorded(case_id=case_id):
            if rules.steps_settle:
                db.execute(_SETTLE, (event.position, case_id.bytes))
        case InteractionRecorded() as recorded:
            contacts.record(db, recorded, event.position, rules)
        case CaseOpened() as opened:
            _open(db, opened, event.position)
        case CaseClosed(case_id=case_id):
            db.execute(_ANSWER, (event.position, case_id.bytes))
            db.execute(_SET_STATUS, (CaseStatus.CLOSED.value, case_id.bytes))
        case DocumentsRequested(case_id=case_id) | CaseDecided(case_id=case_id):
            db.execute(_ANSWER, (event.position, case_id.bytes))
        case CaseReopened(case_id=case_id):
            db.execute(_SET_STATUS, (CaseStatus.OPEN.value, case_id.bytes))
        case CaseAssigned(case_id=case_id, agent=agent, unit=unit):
            db.execute(_ASSIGN, (agent, unit, case_id.bytes))
        case CaseHandedOver(case_id=case_id, to_authority=authority, to_unit=unit):
            db.execute(_HAND_OVER, (authority, unit, case_id.bytes))
        case InteractionCorrected() as corrected:
            contacts.correct(db, corrected, rules)


def _open(db: Connection, opened: CaseOpened, position: int) -> None:
    db.execute(
        _OPEN,
        (
            position,
            opened.case_id.bytes,
            opened.reference,
            opened.authority,
            opened.service,
            opened.unit,
            CaseStatus.OPEN.value,
            opened.citizen.bytes if opened.citizen else None,
            opened.channel.value,
            to_instant(opened.occurred_at),
            to_instant(opened.deadline) if opened.deadline else None,
            opened.title,
        ),
    )
