"""The contacts of all cases, as they stand after their corrections: written by the page, read again when needed."""

from operator import itemgetter
from sqlite3 import Connection
from typing import Any, NamedTuple

import msgspec

from ledger.domain.events import InteractionRecorded, Particulars
from ledger.domain.identifiers import InteractionId
from ledger.domain.vocabulary import Channel, Direction
from projections.cases import Case
from projections.conversation import Contact
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
    particulars JSON NOT NULL,
    summary TEXT NOT NULL,
    PRIMARY KEY (opened_position, at, position)
) WITHOUT ROWID;
"""

_ADD = "INSERT INTO contacts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_OF_CASE = """
SELECT position, at, recorded_at, channel, direction, particulars, summary FROM contacts WHERE opened_position = ?
"""
_ONE = f"{_OF_CASE} AND interaction_id = ?"
_NEWEST_FIRST = f"{_OF_CASE} ORDER BY at DESC, position DESC"
_AMEND = """
UPDATE contacts SET at = ?, channel = ?, direction = ?, particulars = ?, summary = ?
WHERE opened_position = ? AND position = ?
"""
_PARTICULARS: msgspec.json.Decoder[Particulars | None] = msgspec.json.Decoder(Particulars | None)
_encode = msgspec.json.Encoder().encode
_place = itemgetter(0, 1, 2)
_NO_PARTICULARS = "null"
# Found once, for every contact of every view asks.
_CHANNELS = {channel.value: channel for channel in Channel}
_DIRECTIONS = {direction.value: direction for direction in Direction}


class Contacts:
    """The contacts of an inbox while events are folded."""

    def __init__(self, db: Connection) -> None:
        """Read from the tables of an inbox, and write there before each look and in the end."""
        self._db = db
        self._added: list[tuple[object, ...]] = []

    def add(self, case: Case, told: "Told", interaction_id: InteractionId) -> None:
        """Add a contact to its case."""
        contact, channel, direction, particulars = told
        self._added.append(
            (
                case.opened_position,
                contact.at,
                contact.position,
                interaction_id.bytes,
                contact.recorded_at,
                channel,
                direction,
                particulars,
                contact.summary,
            )
        )

    def amend(self, case: Case, told: "Told") -> None:
        """Write a contact as it stands after its correction."""
        contact, channel, direction, particulars = told
        standing = (contact.at, channel, direction, particulars, contact.summary)
        self._db.execute(_AMEND, (*standing, case.opened_position, contact.position))

    def find(self, case: Case, interaction_id: InteractionId) -> Contact:
        """Return one contact of a case.

        Raises:
            LookupError: there is none.
        """
        self.write()
        stored = self._db.execute(_ONE, (case.opened_position, interaction_id.bytes)).fetchone()
        if stored is None:
            raise LookupError(f"no contact {interaction_id} was recorded")
        return _contact(stored, case)

    def newest_first(self, case: Case) -> list[Contact]:
        """Return all contacts of a case."""
        self.write()
        return [_contact(stored, case) for stored in self._db.execute(_NEWEST_FIRST, (case.opened_position,))]

    def write(self) -> None:
        """Write what was added."""
        if self._added:
            # In the order of the table: a page of it is looked for once, not for each of its contacts.
            self._db.executemany(_ADD, sorted(self._added, key=_place))
            self._added = []


class Told(NamedTuple):
    """A contact, and how its words are stored: the same for every inbox."""

    contact: Contact
    channel: str
    direction: str
    particulars: str


def as_told(contact: Contact) -> Told:
    """Return a contact with how its words are stored."""
    return Told(contact, contact.channel.value, contact.direction.value, to_text(contact.particulars))


def told_by(recorded: InteractionRecorded, position: int, opened_on: str) -> Told:
    """Return the contact that an event tells of."""
    return as_told(
        Contact(
            position=position,
            at=to_instant(recorded.occurred_at),
            recorded_at=to_instant(recorded.stamp.recorded_at),
            channel=recorded.channel,
            direction=recorded.direction,
            particulars=recorded.particulars,
            summary=recorded.summary,
            opened_on=_CHANNELS[opened_on],
        )
    )


def to_text(particulars: Particulars | None) -> str:
    """Return the particulars of a contact as they are stored."""
    return _encode(particulars).decode() if particulars else _NO_PARTICULARS


def to_particulars(stored: str) -> Particulars | None:
    """Return the particulars of a contact from their stored text."""
    return _PARTICULARS.decode(stored)


def _contact(stored: tuple[Any, ...], case: Case) -> Contact:
    position, at, recorded_at, channel, direction, particulars, summary = stored
    return Contact(
        position=position,
        at=at,
        recorded_at=recorded_at,
        channel=_CHANNELS[channel],
        direction=_DIRECTIONS[direction],
        particulars=to_particulars(particulars),
        summary=summary,
        opened_on=_CHANNELS[case.opened_on],
    )
