"""The contacts of all cases, as they stand after their corrections, and what they make of a case.

A contact that happened after the others is heard on top of them; one that comes late, or is corrected,
lets the whole conversation of its case be told again.
"""

from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any

import msgspec

from ledger.domain.events import InteractionCorrected, InteractionRecorded, Particulars
from ledger.domain.vocabulary import Channel, Direction
from projections.conversation import Contact, Rules, Standing, amend, hear, retell
from projections.keys import to_instant

SCHEMA = """
CREATE TABLE IF NOT EXISTS contacts (
    opened_position INTEGER NOT NULL,
    at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    interaction_id BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    channel TEXT NOT NULL,
    direction TEXT NOT NULL,
    particulars TEXT NOT NULL,
    summary TEXT NOT NULL,
    PRIMARY KEY (opened_position, at, position)
) WITHOUT ROWID;
"""

_STANDING = """
SELECT opened_position, opened_on, last_at, interactions, here_contacts, awaiting_since, urgency
FROM cases WHERE case_id = ?
"""
_WRITE = """
UPDATE cases SET interactions = ?, here_contacts = ?, awaiting_since = ?, urgency = ?,
    last_channel = ?, last_direction = ?, last_at = ?, summary = ? WHERE opened_position = ?
"""
_WRITE_HERE = "UPDATE cases SET here_at = ?, here_recorded_at = ?, here_particulars = ? WHERE opened_position = ?"
_ADD_CONTACT = "INSERT INTO contacts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_CONTACTS = """
SELECT position, at, recorded_at, channel, direction, particulars, contacts.summary, opened_on,
    opened_position, answered, settled
FROM cases JOIN contacts USING (opened_position) WHERE case_id = ?
"""
_ONE_CONTACT = f"{_CONTACTS} AND interaction_id = ?"
_NEWEST_FIRST = f"{_CONTACTS} ORDER BY at DESC, position DESC"
_AMEND_CONTACT = """
UPDATE contacts SET at = ?, channel = ?, direction = ?, particulars = ?, summary = ?
WHERE opened_position = ? AND position = ?
"""
_PARTICULARS: msgspec.json.Decoder[Particulars | None] = msgspec.json.Decoder(Particulars | None)


def record(db: Connection, recorded: InteractionRecorded, position: int, rules: Rules) -> None:
    """Add a contact to its case."""
    case_id = recorded.case_id.bytes
    opened_position, opened_on, last_at, *standing = db.execute(_STANDING, (case_id,)).fetchone()
    contact = Contact(
        position=position,
        at=to_instant(recorded.occurred_at),
        recorded_at=to_instant(recorded.stamp.recorded_at),
        channel=recorded.channel,
        direction=recorded.direction,
        particulars=recorded.particulars,
        summary=recorded.summary,
        opened_on=Channel(opened_on),
    )
    db.execute(
        _ADD_CONTACT,
        (
            opened_position,
            contact.at,
            position,
            recorded.interaction_id.bytes,
            contact.recorded_at,
            contact.channel.value,
            contact.direction.value,
            to_text(contact.particulars),
            contact.summary,
        ),
    )
    if last_at is None or contact.at >= last_at:
        _write(db, opened_position, hear(Standing(*standing), contact, rules), [contact], rules)
    else:
        _retell(db, case_id, rules)


def correct(db: Connection, corrected: InteractionCorrected, rules: Rules) -> None:
    """Amend a contact, and let its case be told again."""
    case_id = corrected.case_id.bytes
    stored = db.execute(_ONE_CONTACT, (case_id, corrected.interaction_id.bytes)).fetchone()
    contact, opened_position = amend(_contact(stored), corrected), stored[8]
    db.execute(
        _AMEND_CONTACT,
        (
            contact.at,
            contact.channel.value,
            contact.direction.value,
            to_text(contact.particulars),
            contact.summary,
            opened_position,
            contact.position,
        ),
    )
    _retell(db, case_id, rules)


def to_text(particulars: Particulars | None) -> str:
    """Return the particulars of a contact as they are stored."""
    return msgspec.json.encode(particulars).decode()


def to_particulars(stored: str) -> Particulars | None:
    """Return the particulars of a contact from their stored text."""
    return _PARTICULARS.decode(stored)


def _retell(db: Connection, case_id: bytes, rules: Rules) -> None:
    stored = db.execute(_NEWEST_FIRST, (case_id,)).fetchall()
    opened_position, answered, settled = stored[0][8:]
    contacts = [_contact(row) for row in stored]
    standing = retell(contacts, rules, answered=answered, settled=settled)
    _write(db, opened_position, standing, contacts, rules)


def _write(
    db: Connection, opened_position: int, standing: Standing, newest_first: Sequence[Contact], rules: Rules
) -> None:
    last = newest_first[0]
    db.execute(
        _WRITE,
        (
            standing.interactions,
            standing.here_contacts,
            standing.awaiting_since,
            standing.urgency,
            last.channel.value,
            last.direction.value,
            last.at,
            last.summary,
            opened_position,
        ),
    )
    here = next(filter(rules.concern, newest_first), None)
    if here:
        values = (here.at, here.recorded_at, to_text(here.particulars), opened_position)
        db.execute(_WRITE_HERE, values)


def _contact(stored: tuple[Any, ...]) -> Contact:
    position, at, recorded_at, channel, direction, particulars, summary, opened_on, *_ = stored
    return Contact(
        position=position,
        at=at,
        recorded_at=recorded_at,
        channel=Channel(channel),
        direction=Direction(direction),
        particulars=to_particulars(particulars),
        summary=summary,
        opened_on=Channel(opened_on),
    )
