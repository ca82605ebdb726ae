"""Under which epochs of the stream a view was folded: what it reflects of a past that was lost is folded anew.

Kept with the rows. A view that stands beyond what its epochs and the present ones share begins again at the first
event, in a generation of its own, and says so in the log; it never goes on from rows that no event stands for.
"""

import logging
import sqlite3

import msgspec

from ledger.publishing.epochs import Epochs, number_of, shared_position
from projections.engine.file import position_of
from projections.engine.store import ViewStore

log = logging.getLogger(__name__)

_KEEP = "INSERT INTO view_epochs VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET epochs = excluded.epochs"


def meet(store: ViewStore, epochs: Epochs) -> None:
    """Have a view stand under the epochs of the stream, from the first event again if it must."""
    database = store.open()
    known = epochs_of(database)
    if known == epochs:
        return
    shared, position = shared_position(known, epochs), position_of(database)
    if position > shared:
        log.warning(
            "View %s is folded anew: it stands at position %s, epoch %s shares events up to position %s.",
            store.view.name,
            position,
            number_of(epochs),
            shared,
        )
        fresh = store.next_generation()
        store.open_generation(fresh).close()
        store.point_to(fresh)
        database = store.open()
    keep(database, epochs)


def epochs_of(database: sqlite3.Connection) -> Epochs:
    """Return the epochs under which a generation was folded."""
    try:
        row = database.execute("SELECT epochs FROM view_epochs").fetchone()
    except sqlite3.OperationalError:
        # A file of before there were any.
        return ()
    return msgspec.json.decode(row[0], type=Epochs) if row else ()


def keep(database: sqlite3.Connection, epochs: Epochs) -> None:
    """Keep them with the rows."""
    database.execute("BEGIN IMMEDIATE")
    try:
        database.execute(_KEEP, (msgspec.json.encode(epochs).decode(),))
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")
