"""Events into the rows of a view's file: a page and the position it leads to in one transaction, or nothing.

An event that the view cannot digest parks its case, visibly, and the rest flows on. A disk that is full or
broken parks nothing: that is no fault of an event.

The same transaction keeps what the view took note of, for the auditor (see `ranges`):
`folded(range_start INTEGER PRIMARY KEY, events INTEGER NOT NULL, digest BLOB NOT NULL)`, a row for every
10,000 positions, the first of which are 1, 10001, 20001…; `digest` is the sum of the identifiers of the
events as whole numbers modulo 2^128, 16 bytes, big end first.
"""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ledger.publishing.published import UnreadableEvent
from projections.engine.file import hear_of_refusals, position_of
from projections.engine.items import Batch, FeedItem
from projections.engine.place import ViewsUnreachable
from projections.engine.ranges import note
from projections.engine.view import View

log = logging.getLogger(__name__)

_FoldPage = Callable[[sqlite3.Connection, View, Batch], None]
# Not whose case it is: the position tells those who may look.
_PARKED = "View %s parks the case of the event at position %s"
_FOLLOWS = "an earlier event of this case is parked"
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
    offered = _Offered(view, Batch.of(page), after)
    try:
        _fold_in_transaction(database, offered, _fold_whole)
    except _Indigestible:
        _fold_in_transaction(database, offered, _fold_each)


class _Offered(NamedTuple):
    """What is offered to a view."""

    view: View
    page: Batch
    after: int | None

    def beyond(self, position: int) -> Batch:
        """Return what is new to a view at a position."""
        fresh = self.page
        if fresh and fresh[0].position <= position:
            fresh = Batch(item for item in fresh if item.position > position)
        whole = fresh.is_gapless_after(position) if self.after is None else self.after <= position
        if fresh and not whole:
            raise GapInFeed(f"{self.view.name} is at {position}, the feed goes on at {fresh[0].position}")
        return fresh


def _fold_in_transaction(database: sqlite3.Connection, offered: _Offered, fold_page: _FoldPage) -> None:
    database.execute("BEGIN IMMEDIATE")
    try:
        if fresh := offered.beyond(position_of(database)):
            fold_page(database, offered.view, fresh)
            note(database, fresh.ranges)
            database.execute("UPDATE view_position SET position = ?", (fresh[-1].position,))
        database.execute("COMMIT")
    finally:
        # After some failures SQLite has rolled back by itself.
        if database.in_transaction:
            database.execute("ROLLBACK")


def _fold_whole(database: sqlite3.Connection, view: View, fresh: Batch) -> None:
    if not fresh.readable:
        raise _Indigestible
    if parked := _parked_subjects(database):
        _park_what_follows(database, fresh, parked)
        fresh = Batch(item for item in fresh if _subject(item) not in parked)
    try:
        view.fold(database, fresh.of_kinds(view.events))
        hear_of_refusals(database)
    except Exception as error:
        if _is_fault_of_the_disk(error):
            raise
        raise _Indigestible from error


def _fold_each(database: sqlite3.Connection, view: View, fresh: Batch) -> None:
    parked = _parked_subjects(database)
    for item in fresh:
        subject = _subject(item)
        if isinstance(item, UnreadableEvent):
            _park(database, item, subject, "?", str(item))
        elif subject in parked:
            _park(database, item, subject, item.tag, _FOLLOWS)
        else:
            database.execute("SAVEPOINT event")
            try:
                view.fold(database, Batch((item,)).of_kinds(view.events))
                hear_of_refusals(database)
            except Exception as error:
                if _is_fault_of_the_disk(error):
                    raise
                log.exception(_PARKED, view.name, item.position, extra={"position": item.position})
                database.execute("ROLLBACK TO event")
                _park(database, item, subject, item.tag, f"{type(error).__name__}: {error}")
            else:
                database.execute("RELEASE event")
                continue
        if subject:
            parked.add(subject)


def _parked_subjects(database: sqlite3.Connection) -> set[bytes | None]:
    return {row[0] for row in database.execute("SELECT DISTINCT subject FROM parked WHERE subject IS NOT NULL")}


def _subject(item: FeedItem) -> bytes | None:
    return item.subject.bytes if item.subject else None


def _park_what_follows(database: sqlite3.Connection, fresh: Batch, parked: set[bytes | None]) -> None:
    for item in fresh.of_kinds(None):
        if (subject := _subject(item)) in parked:
            _park(database, item, subject, item.tag, _FOLLOWS)


def _park(database: sqlite3.Connection, item: FeedItem, subject: bytes | None, tag: str, reason: str) -> None:
    database.execute("INSERT INTO parked VALUES (?,?,?,?)", (item.position, subject, tag, reason))


def _is_fault_of_the_disk(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return isinstance(error, MemoryError | ViewsUnreachable)
    return code & _PRIMARY_CODE in _FAULTS_OF_THE_DISK
