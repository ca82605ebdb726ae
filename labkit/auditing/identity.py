"""What tells one event from another: its identifier, and when it was recorded.

The identifier alone does not: it follows from the command, and a command sent again after a restoration is recorded
again under the same identifier. Bytes alone do not either: an envelope may gain an attribute from one version of the
program to the next.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from ledger.domain.record import LoggedEvent
from ledger.publishing.published import parse, position_of
from ledger.publishing.relay import Log

Identity = tuple[UUID, datetime]


def identity_of(logged: LoggedEvent) -> Identity:
    """Return the identity of an event of the log."""
    return logged.event_id, logged.metadata.recorded_at


def identity_in(message: bytes, position: int) -> Identity | None:
    """Return the identity of the event in a message, if there is one, and of that position."""
    try:
        envelope = parse(message)
        return (envelope.id, envelope.recordedtime) if position_of(envelope) == position else None
    except (msgspec.DecodeError, ValueError):
        return None


def identity_at(log: Log, position: int) -> Identity | None:
    """Return the identity of the event at a position of the log, if there is one."""
    found = log.read(position - 1, 1) if position else []
    return identity_of(found[0]) if found else None
