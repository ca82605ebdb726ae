"""Folding events into a table: the limit of plain batches, and the library's own way, one transaction an event."""

import sqlite3
import time
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import msgspec
from eventsourcing.application import Application
from eventsourcing.persistence import StoredEvent, Tracking
from eventsourcing.projection import Projection
from eventsourcing.sqlite import SQLiteFactory, SQLiteTrackingRecorder
from eventsourcing.utils import Environment
from msgspec import Struct

from bench import servers
from bench.clients import Figures, in_threads
from bench.contacts import FIELDS
from bench.programs.stock import StockCase, a_stock_case, sqlite_settings

CASES, EVENTS_A_PAGE = 5_000, 100
EVENTS_A_SECOND = 2_500
_TABLE = "CREATE TABLE inbox(case_id TEXT PRIMARY KEY, contacts INTEGER, last_at TEXT, channel TEXT) WITHOUT ROWID"
_UPSERT = (
    "INSERT INTO inbox VALUES (?, 1, ?, ?) ON CONFLICT(case_id) DO UPDATE "
    "SET contacts = contacts + 1, last_at = excluded.last_at, channel = excluded.channel"
)


class _Contact(Struct):
    case: str
    occurred_at: str
    channel: str


def batches(*, seconds: float, batch: int) -> Figures:
    """Return events a second, decoded and written in batches, the position in the same transaction: the limit."""
    decode = msgspec.json.Decoder(_Contact).decode
    payloads = [msgspec.json.encode({**FIELDS, "case": f"case-{rank:06}"}) for rank in range(CASES)]
    with servers.scratch() as folder:
        database = _open(folder / "view.db")

        def work(_: int, rank: int) -> None:
            first = rank * batch
            database.execute("BEGIN IMMEDIATE")
            for number in range(first, first + batch):
                contact = decode(payloads[number % CASES])
                database.execute(_UPSERT, (contact.case, contact.occurred_at, contact.channel))
            database.execute("UPDATE position SET position = ?", (first + batch,))
            database.execute("COMMIT")

        figures = in_threads(work, 1, seconds=seconds)
        return {"value": figures["value"] * batch}


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    statements = (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        _TABLE,
        "CREATE TABLE position(position INTEGER)",
    )
    for statement in statements:
        database.execute(statement)
    database.execute("INSERT INTO position VALUES (0)")
    return database


class _StockInbox(SQLiteTrackingRecorder):
    """A view as the library's documentation would write it."""

    def construct_create_table_statements(self) -> list[str]:
        return [*super().construct_create_table_statements(), _TABLE.replace("TABLE", "TABLE IF NOT EXISTS", 1)]

    def put(self, contact: Any, tracking: Tracking) -> None:  # noqa: ANN401  # the library makes the class of the event
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(_UPSERT, (str(contact.originator_id), contact.occurred_at, contact.channel))


class _StockProjection(Projection[_StockInbox]):
    name = "inbox"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ANN401  # as the library has it
        if isinstance(domain_event, StockCase.InteractionRecorded):  # type: ignore[attr-defined]  # made by a decorator
            self.view.put(domain_event, tracking)
        else:
            self.view.insert_tracking(tracking)


def stock_loop(*, seconds: float) -> Figures:
    """Return events a second of what the library's runner does for each event, driven by hand.

    Its runner cannot follow SQLite at all: there, its recorder has no subscription.
    """
    with servers.scratch() as folder:
        application = Application[UUID](sqlite_settings(f"{folder}/stock.db"))
        try:
            _fill(application, int(EVENTS_A_SECOND * seconds))
            settings = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": f"{folder}/view.db"}
            view = SQLiteFactory(Environment("inbox", settings)).tracking_recorder(_StockInbox)
            return {"value": _project(application, _StockProjection(cast("_StockInbox", view)))}
        finally:
            application.close()


def _fill(application: Application[UUID], events: int) -> None:
    stored: list[StoredEvent] = []
    while len(stored) < events:
        stored += [application.mapper.to_stored_event(each) for each in a_stock_case().collect_events()]
    application.recorder.insert_events(stored)


def _project(application: Application[UUID], projection: _StockProjection) -> float:
    position, started = 0, time.perf_counter()
    while page := application.recorder.select_notifications(start=position + 1, limit=EVENTS_A_PAGE):
        for notification in page:
            domain_event = application.mapper.to_domain_event(notification)
            projection.process_event(domain_event, Tracking(application.name, notification.id))
        position = page[-1].id
    return position / (time.perf_counter() - started)
