"""The SQLite file of a ledger: connections with the pragmas it needs, and transactions that lock it first."""

import sqlite3
from contextlib import suppress
from types import TracebackType

from eventsourcing.persistence import OperationalError
from eventsourcing.sqlite import SQLiteConnection, SQLiteConnectionPool, SQLiteCursor, SQLiteTransaction

from ledger.store.database import LOCK_TIMEOUT_S, StoreIsLocked


class LedgerSQLitePool(SQLiteConnectionPool):
    """Connections with the pragmas that the ledger's durability rests on."""

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        patience = f"busy_timeout={round(LOCK_TIMEOUT_S * 1000)}"
        for pragma in (
            "synchronous=FULL",
            patience,
            "cache_size=-16000",
            "temp_store=MEMORY",
            "wal_autocheckpoint=4000",
        ):
            connection.cursor().execute(f"PRAGMA {pragma}")
        return connection

    def close(self) -> None:
        """Close what nobody uses; SQLite does not survive a connection closed under a statement."""
        with self._put_condition:
            self._in_use.clear()
            super().close()


class Immediate(SQLiteTransaction):
    """A transaction that takes the write lock first: reading then writing never fails half-way."""

    def __init__(self, connection: SQLiteConnection) -> None:
        """Commit on leaving, unless an exception came."""
        super().__init__(connection, commit=True)

    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise StoreIsLocked if error.sqlite_errorname == "SQLITE_BUSY" else OperationalError(error) from error
        return cursor

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        """Leave no transaction open, also when the commit itself failed."""
        try:
            super().__exit__(exc_type, exc_val, exc_tb)
        except BaseException:
            with suppress(sqlite3.Error):
                self.connection.rollback()
            raise
