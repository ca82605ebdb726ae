"""The file of the webhooks: who is delivered to, how far the log was read for each, and what is still to arrive.

A secret has to be kept to sign with it, so the file is its owner's alone. It holds no event: what leaves is read from
the log. One process delivers; verbs that change an endpoint meanwhile write short transactions of their own.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.store.database import StoreError, StoreIsNewer

FILE = "webhooks.db"
LOCK_FILE = "webhooks.lock"
SCHEMA_VERSION = 1
_SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS endpoint(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        admitted_at TEXT NOT NULL,
        url TEXT NOT NULL,
        secret TEXT NOT NULL,
        added_at REAL NOT NULL,
        cursor INTEGER NOT NULL,
        failing_since REAL,
        off_at REAL,
        off_reason TEXT
    )
    """,
    # Of the deliveries of one case, the first alone is due or dead: the others wait for it and have neither date.
    """
    CREATE TABLE IF NOT EXISTS delivery(
        endpoint INTEGER NOT NULL REFERENCES endpoint(id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        event_id TEXT NOT NULL,
        lane TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        due_at REAL,
        dead_at REAL,
        outcome TEXT,
        PRIMARY KEY(endpoint, position)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX IF NOT EXISTS delivery_lane ON delivery(endpoint, lane, position)",
    "CREATE INDEX IF NOT EXISTS delivery_due ON delivery(endpoint, due_at, position) WHERE due_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS delivery_dead ON delivery(endpoint, position) WHERE dead_at IS NOT NULL",
)


class AnotherSender(StoreError):
    """Another process delivers from this data directory: two would deliver everything twice."""


def open_database(data: Path) -> sqlite3.Connection:
    """Open the file of a data directory, made on first use.

    Raises:
        StoreIsNewer: a newer version wrote it.
        sqlite3.Error: it cannot be read.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = data / FILE
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    database = sqlite3.connect(file, isolation_level=None)
    try:
        for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            database.execute(f"PRAGMA {pragma}")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise StoreIsNewer(version)
        if version < SCHEMA_VERSION:
            with transaction(database):
                for statement in _SCHEMA:
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Let everything inside happen, or nothing."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


@contextmanager
def only_sender(data: Path) -> Iterator[None]:
    """Be the one process that delivers from a data directory.

    Raises:
        AnotherSender: there is one.
    """
    with os.fdopen(os.open(data / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AnotherSender(f"Another process delivers the webhooks of {data}.") from error
        yield
