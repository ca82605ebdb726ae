"""What is still to be delivered, case by case: the first delivery of a case is due or dead, the others wait behind it.

A delivery that was attempted as often as it may is a dead letter and holds its case, and nothing but its case: what
follows waits behind it until somebody replays it, so that no receiver ever sees the events of a case out of order.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from ledger.domain.record import LoggedEvent
from ledger.webhooks.database import transaction
from ledger.webhooks.endpoints import Endpoint, OffReason, WebhookError, moment
from ledger.webhooks.schedule import fails_for_too_long, next_attempt

LISTED_MAX = 1_000


class Delivery(Struct, frozen=True):
    """One event on its way to one endpoint; `lane` is the case, or what stands for it."""

    endpoint: int
    position: int
    event_id: str
    lane: str


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A delivery that is attempted no more, and how many wait behind it."""

    event_id: str
    position: int
    case: str
    attempts: int
    dead_at: datetime
    outcome: str
    waiting_behind: int


class Tally(Struct, frozen=True, kw_only=True):
    """What an endpoint has not got yet: what is or will be attempted, what is dead, and what waits behind dead ones."""

    waiting: int
    dead: int
    next_at: datetime | None


class Setback(Struct, frozen=True):
    """What came of a failed attempt: when the next is, if there is one, and why the endpoint went off, if it did."""

    attempts: int
    again_at: datetime | None
    off_reason: OffReason | None


def lane_of(logged: LoggedEvent) -> str:
    """Return what an event has to arrive in order with: its case, else the authority or the citizen it is about."""
    about = logged.metadata
    return str(about.subject or about.authority or logged.event_id)


class Outbox:
    """The deliveries of all endpoints."""

    def __init__(self, database: sqlite3.Connection) -> None:
        """Keep them in the file of the webhooks."""
        self._database = database

    def take_in(self, endpoint: Endpoint, events: Sequence[LoggedEvent], *, cursor: int, now: datetime) -> None:
        """Keep which events are to be delivered and how far the log was read, both or neither."""
        with transaction(self._database):
            moved = self._database.execute(
                "UPDATE endpoint SET cursor = ? WHERE id = ? AND cursor = ?", (cursor, endpoint.id, endpoint.cursor)
            )
            if not moved.rowcount:  # It was removed meanwhile.
                return
            for logged in events:
                lane = lane_of(logged)
                self._database.execute(
                    "INSERT INTO delivery(endpoint, position, event_id, lane, due_at) SELECT ?, ?, ?, ?,"
                    " CASE WHEN EXISTS(SELECT 1 FROM delivery WHERE endpoint = ? AND lane = ?) THEN NULL ELSE ? END",
                    (
                        endpoint.id,
                        logged.position,
                        str(logged.event_id),
                        lane,
                        endpoint.id,
                        lane,
                        now.timestamp(),
                    ),
                )

    def due(self, endpoint: Endpoint, now: datetime, *, limit: int) -> list[Delivery]:
        """Return deliveries to be attempted now, one a case, those that have waited longest first."""
        rows = self._database.execute(
            "SELECT endpoint, position, event_id, lane FROM delivery"
            " WHERE endpoint = ? AND due_at IS NOT NULL AND due_at <= ? ORDER BY due_at, position LIMIT ?",
            (endpoint.id, now.timestamp(), limit),
        )
        return [Delivery(*row) for row in rows]

    def size(self, endpoint: Endpoint) -> int:
        """Return how many deliveries are kept for an endpoint."""
        (count,) = self._database.execute("SELECT count(*) FROM delivery WHERE endpoint = ?", (endpoint.id,)).fetchone()
        return int(count)

    def delivered(self, delivery: Delivery, now: datetime) -> None:
        """Be done with a delivery: the next of its case is due."""
        with transaction(self._database):
            self._database.execute(
                "DELETE FROM delivery WHERE endpoint = ? AND position = ?", (delivery.endpoint, delivery.position)
            )
            self._database.execute(
                "UPDATE delivery SET due_at = ? WHERE endpoint = ? AND position ="
                " (SELECT min(position) FROM delivery WHERE endpoint = ? AND lane = ?)",
                (now.timestamp(), delivery.endpoint, delivery.endpoint, delivery.lane),
            )
            self._database.execute("UPDATE endpoint SET failing_since = NULL WHERE id = ?", (delivery.endpoint,))

    def failed(self, delivery: Delivery, outcome: str, *, gone: bool, now: datetime) -> Setback:
        """Note a failed attempt; `gone` is what an endpoint says that wants no more."""
        with transaction(self._database):
            attempts = 1 + self._attempts(delivery)
            again_at = next_attempt(attempts, now)
            self._database.execute(
                "UPDATE delivery SET attempts = ?, outcome = ?, due_at = ?, dead_at = ?"
                " WHERE endpoint = ? AND position = ?",
                (
                    attempts,
                    outcome,
                    again_at and again_at.timestamp(),
                    None if again_at else now.timestamp(),
                    delivery.endpoint,
                    delivery.position,
                ),
            )
            return Setback(attempts, again_at, self._setback(delivery.endpoint, gone=gone, now=now))

    def dead(self, endpoint: Endpoint) -> list[DeadLetter]:
        """Return the dead letters of an endpoint, in ledger order."""
        rows = self._database.execute(
            "SELECT event_id, position, lane, attempts, dead_at, outcome,"
            " (SELECT count(*) - 1 FROM delivery AS other WHERE other.endpoint = d.endpoint AND other.lane = d.lane)"
            " FROM delivery AS d WHERE endpoint = ? AND dead_at IS NOT NULL ORDER BY position LIMIT ?",
            (endpoint.id, LISTED_MAX),
        )
        return [_dead_letter(*row) for row in rows]

    def replay(self, endpoint: Endpoint, event_id: str | None, now: datetime) -> int:
        """Attempt one dead letter again, or all of them; return how many.

        Raises:
            WebhookError: there is no such dead letter.
        """
        with transaction(self._database):
            replayed = self._database.execute(
                "UPDATE delivery SET attempts = 0, dead_at = NULL, due_at = ?"
                " WHERE endpoint = ? AND dead_at IS NOT NULL AND (? IS NULL OR event_id = ?)",
                (now.timestamp(), endpoint.id, event_id, event_id),
            )
            if event_id and not replayed.rowcount:
                raise WebhookError("unknown-dead-letter", event_id)
            return replayed.rowcount

    def tally(self, endpoint: Endpoint) -> Tally:
        """Return what an endpoint has not got yet."""
        size, dead, next_at = self._database.execute(
            "SELECT count(*), count(dead_at), min(due_at) FROM delivery WHERE endpoint = ?", (endpoint.id,)
        ).fetchone()
        return Tally(waiting=size - dead, dead=dead, next_at=moment(next_at))

    def _attempts(self, delivery: Delivery) -> int:
        row = self._database.execute(
            "SELECT attempts FROM delivery WHERE endpoint = ? AND position = ?", (delivery.endpoint, delivery.position)
        ).fetchone()
        return int(row[0]) if row else 0

    def _setback(self, endpoint_id: int, *, gone: bool, now: datetime) -> OffReason | None:
        self._database.execute(
            "UPDATE endpoint SET failing_since = coalesce(failing_since, ?) WHERE id = ?",
            (now.timestamp(), endpoint_id),
        )
        row = self._database.execute(
            "SELECT failing_since, off_at FROM endpoint WHERE id = ?", (endpoint_id,)
        ).fetchone()
        since = moment(row[0]) if row and row[1] is None else None
        if since is None or not (gone or fails_for_too_long(since, now)):
            return None
        reason: OffReason = "gone" if gone else "failing"
        self._database.execute(
            "UPDATE endpoint SET off_at = ?, off_reason = ? WHERE id = ?", (now.timestamp(), reason, endpoint_id)
        )
        return reason


def set_back(database: sqlite3.Connection, position: int) -> None:
    """Deliver again what stands after a position, to all endpoints: what was read there was of a lost future."""
    with transaction(database):
        database.execute("DELETE FROM delivery WHERE position > ?", (position,))
        database.execute("UPDATE endpoint SET cursor = min(cursor, ?)", (position,))


def _dead_letter(event_id: str, position: int, lane: str, *rest: object) -> DeadLetter:
    attempts, dead_at, outcome, behind = rest
    return DeadLetter(
        event_id=event_id,
        position=position,
        case=lane,
        attempts=attempts,  # type: ignore[arg-type]  # here and below, the types of the columns
        dead_at=moment(dead_at),  # type: ignore[arg-type]
        outcome=outcome,  # type: ignore[arg-type]
        waiting_behind=behind,  # type: ignore[arg-type]
    )
