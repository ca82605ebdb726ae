"""The SQLite file of a ledger: connections with the pragmas it needs, and transactions that lock it first."""

import sqlite3
from contextlib import suppress
from types import TracebackType

from eventsourcing.persistence import InterfaceError, OperationalError
from eventsourcing.sqlite import SQLiteConnection, SQLiteConnectionPool, SQLiteCursor, SQLiteTransaction

from ledger.store.database import LOCK_TIMEOUT_S, StoreIsLocked

PREPARED_STATEMENTS = 64
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "cache_size=-16000",
    "temp_store=MEMORY",
)


class LedgerSQLitePool(SQLiteConnectionPool):
    """Connections with the pragmas that the ledger's durability rests on."""

    def _create_connection(self) -> SQLiteConnection:
        # Not the library's own: it keeps a single prepared statement, and each group needs half a dozen.
        try:
            database = sqlite3.connect(
                self.db_name,
                uri=True,
                check_same_thread=False,
                isolation_level=None,
                cached_statements=PREPARED_STATEMENTS,
                timeout=LOCK_TIMEOUT_S,
            )
            for pragma in _PRAGMAS:
                database.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            raise InterfaceError(error) from error
        self.is_journal_mode_wal = True
        return SQLiteConnection(database, max_age=self.max_age)

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
