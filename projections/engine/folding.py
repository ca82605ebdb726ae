"""Events into the rows of a view's file: a page and the position it leads to in one transaction, or nothing.

An event that the view cannot digest parks its case, visibly, and the rest flows on. A disk that is full or
broken parks nothing: that is no fault of an event.
"""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ledger.publishing.published import UnreadableEvent
from projections.engine.file import position_of
from projections.engine.items import FeedItem
from projections.engine.view import View

log = logging.getLogger(__name__)

_FoldPage = Callable[[sqlite3.Connection, View, Sequence[FeedItem]], None]
_PRIMARY_CODE = 0xFF
_FAULTS_OF_THE_DISK = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
    }
)


class GapInFeed(Exception):
    """The next event is not the one right after the view's position: the feed must start again from there."""


class _Indigestible(Exception):
    """A page holds an event that the view cannot fold, or a case that is parked: take it event by event."""


def fold(database: sqlite3.Connection, view: View, page: Sequence[FeedItem], *, after: int | None = None) -> None:
    """Fold the part of a page that a file does not reflect yet, all or nothing.

    A page of a stream is all that it holds `after` a position, and may have gaps; any other goes on event by event.

    Raises:
        GapInFeed: the page does not go on after the view's last event.
    """
    offered = _Offered(view, page, after)
    try:
        _fold_in_transaction(database, offered, _fold_whole)
    except _Indigestible:
        _fold_in_transaction(database, offered, _fold_each)


class _Offered(NamedTuple):
    """What is offered to a view."""

    view: View
    page: Sequence[FeedItem]
    after: int | None

    def beyond(self, position: int) -> list[FeedItem]:
        """Return what is new to a view at a position."""
        fresh = [item for item in self.page if item.position > position]
        event_by_event = list(range(position + 1, position + len(fresh) + 1))
        whole = [item.position for item in fresh] == event_by_event if self.after is None else self.after <= position
        if fresh and not whole:
            raise GapInFeed(f"{self.view.name} is at {position}, the feed goes on at {fresh[0].position}")
        return fresh


def _fold_in_transaction(database: sqlite3.Connection, offered: _Offered, fold_page: _FoldPage) -> None:
    database.execute("BEGIN IMMEDIATE")
    try:
        if fresh := offered.beyond(position_of(database)):
            fold_page(database, offered.view, fresh)
            database.execute("UPDATE view_position SET position = ?", (fresh[-1].position,))
        database.execute("COMMIT")
    finally:
        # After some failures SQLite has rolled back by itself.
        if database.in_transaction:
            database.execute("ROLLBACK")


def _fold_whole(database: sqlite3.Connection, view: View, fresh: Sequence[FeedItem]) -> None:
    if database.execute("SELECT 1 FROM parked LIMIT 1").fetchone():
        raise _Indigestible
    project = view.project
    try:
        for item in fresh:
            if isinstance(item, UnreadableEvent):
                raise item
            project(database, item)
    except Exception as error:
        if _is_fault_of_the_disk(error):
            raise
        raise _Indigestible from error


def _fold_each(database: sqlite3.Connection, view: View, fresh: Sequence[FeedItem]) -> None:
    parked = {row[0] for row in database.execute("SELECT DISTINCT subject FROM parked WHERE subject NOT NULL")}
    project = view.project
    for item in fresh:
        subject = item.subject.bytes if item.subject else None
        if isinstance(item, UnreadableEvent):
            _park(database, item, subject, "?", str(item))
        elif subject in parked:
            _park(database, item, subject, item.tag, "an earlier event of this case is parked")
        else:
            database.execute("SAVEPOINT event")
            try:
                project(database, item)
            except Exception as error:
                if _is_fault_of_the_disk(error):
                    raise
                log.exception("View %s parks %s at position %s", view.name, item.subject, item.position)
                database.execute("ROLLBACK TO event")
                _park(database, item, subject, item.tag, f"{type(error).__name__}: {error}")
            else:
                database.execute("RELEASE event")
                continue
        if subject:
            parked.add(subject)


def _park(database: sqlite3.Connection, item: FeedItem, subject: bytes | None, tag: str, reason: str) -> None:
    database.execute("INSERT INTO parked VALUES (?,?,?,?)", (item.position, subject, tag, reason))


def _is_fault_of_the_disk(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, MemoryError) or (code is not None and code & _PRIMARY_CODE in _FAULTS_OF_THE_DISK)
