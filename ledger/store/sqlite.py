"""The ledger on SQLite: one file, WAL, an fsync a group.

Positions are an explicit primary key given from `ledger_head`, never `rowid`: a deleted tail would give
its number again. `PERSISTENCE_MODULE` of the library names the factory at the end.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor, SQLiteDatastore, SQLiteFactory

from ledger.domain.events import CitizenForgotten
from ledger.store.database import LOCK_TIMEOUT_S, SCHEMA_VERSION, Group, LedgerRecorder, StoreIsLocked, StoreIsNewer
from ledger.store.mapper import EventRow, LedgerStoredEvent, LogRow, row_of
from ledger.store.sqlite_file import Immediate, LedgerSQLitePool

_FENCE = str(CitizenForgotten.__struct_config__.tag)
_TABLES = (
    (
        "CREATE TABLE IF NOT EXISTS ledger_event("
        "position INTEGER PRIMARY KEY, originator_id BLOB NOT NULL, originator_version INTEGER NOT NULL, "
        "topic TEXT NOT NULL, state BLOB NOT NULL, event_id BLOB NOT NULL, metadata BLOB NOT NULL, "
        "UNIQUE(originator_id, originator_version))"
    ),
    f"CREATE INDEX IF NOT EXISTS ledger_fence ON ledger_event(position) WHERE topic = '{_FENCE}'",
    "CREATE TABLE IF NOT EXISTS ledger_head(id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL)",
    "INSERT OR IGNORE INTO ledger_head VALUES (1, 0)",
    "CREATE TABLE IF NOT EXISTS command_log(command_id BLOB PRIMARY KEY, verdict BLOB NOT NULL) WITHOUT ROWID",
)
_VERSION_IS_UNSET = 0
_COLUMNS = "originator_id, originator_version, topic, state, event_id, metadata"


class _SQLiteGroup(Group):
    def __init__(self, cursor: SQLiteCursor) -> None:
        self._cursor = cursor
        cursor.execute("SELECT position FROM ledger_head")
        self.head: int = cursor.fetchone()[0]

    def verdicts(self, command_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        marks = ",".join("?" * len(command_ids))
        self._cursor.execute(
            f"SELECT command_id, verdict FROM command_log WHERE command_id IN ({marks})",  # noqa: S608  # marks are question marks
            [command_id.bytes for command_id in command_ids],
        )
        return {UUID(bytes=row[0]): row[1] for row in self._cursor.fetchall()}

    def append(self, events: Sequence[EventRow]) -> None:
        self._cursor.executemany(
            f"INSERT INTO ledger_event(position, {_COLUMNS}) VALUES (?,?,?,?,?,?,?)",  # noqa: S608  # constant
            [(position, row[0].bytes, *row[1:]) for position, row in enumerate(events, start=self.head + 1)],
        )
        self.head += len(events)
        self._cursor.execute("UPDATE ledger_head SET position = ?", (self.head,))

    def log(self, verdicts: Iterable[tuple[UUID, bytes]]) -> None:
        self._cursor.executemany(
            "INSERT INTO command_log VALUES (?,?)",
            [(command.bytes, verdict) for command, verdict in verdicts],
        )


class LedgerSQLiteRecorder(SQLiteApplicationRecorder, LedgerRecorder):
    """The library's application recorder with gapless positions, event identity and a command log."""

    def __init__(self, datastore: SQLiteDatastore, events_table_name: str = "ledger_event") -> None:
        """Keep the pool."""
        super().__init__(datastore, events_table_name)
        self._writing = Lock()

    def construct_create_table_statements(self) -> list[str]:
        """Return the whole schema."""
        return list(_TABLES)

    def create_table(self) -> None:
        """Make the schema, or refuse a newer one untouched."""
        with self.datastore.transaction(commit=False) as cursor:
            version = _schema_version(cursor)
        if version > SCHEMA_VERSION:
            raise StoreIsNewer(version)
        if version == SCHEMA_VERSION:
            return
        with self._exclusively() as cursor:
            # Another process may have started at once, and made it meanwhile.
            if _schema_version(cursor) == _VERSION_IS_UNSET:
                self._create_table(cursor)
                cursor.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def group(self) -> Iterator[Group]:
        """Open a group under the write lock."""
        with self._exclusively() as cursor:
            yield _SQLiteGroup(cursor)

    @contextmanager
    def _exclusively(self) -> Iterator[SQLiteCursor]:
        # Our own lock: the pool's would stay locked for ever after a connection that could not be opened.
        if not self._writing.acquire(timeout=LOCK_TIMEOUT_S):
            raise StoreIsLocked
        try:
            with self.datastore.get_connection(commit=False) as connection, Immediate(connection) as cursor:
                yield cursor
        finally:
            self._writing.release()

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:  # noqa: ANN401  # the library's signature
        """Append events outside the one writer, as the library's application would."""
        with self.group() as group:
            group.append([row_of(event) for event in stored_events])
            return list(range(group.head - len(stored_events) + 1, group.head + 1))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return the events of one stream."""
        statement = f"SELECT {_COLUMNS} FROM ledger_event WHERE originator_id = ?"  # noqa: S608  # constant
        params: list[bytes | int] = [_bytes(originator_id)]
        if gt is not None:
            statement += " AND originator_version > ?"
            params.append(gt)
        if lte is not None:
            statement += " AND originator_version <= ?"
            params.append(lte)
        statement += f" ORDER BY originator_version {'DESC' if desc else 'ASC'}"
        if limit is not None:
            statement += " LIMIT ?"
            params.append(limit)
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute(statement, params)
            return [
                LedgerStoredEvent(UUID(bytes=row[0]), row[1], row[2], row[3], row[4], row[5])
                for row in cursor.fetchall()
            ]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return events in ledger order, as the library's followers read them."""
        first = (start or 0) if inclusive_of_start or start is None else start + 1
        statement = f"SELECT position, {_COLUMNS} FROM ledger_event WHERE position >= ?"  # noqa: S608  # constant
        params: list[int | str] = [first]
        if stop is not None:
            statement += " AND position <= ?"
            params.append(stop)
        if topics:
            statement += f" AND topic IN ({','.join('?' * len(topics))})"
            params += topics
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute(f"{statement} ORDER BY position LIMIT ?", [*params, limit])
            return [Notification(UUID(bytes=row[1]), row[2], row[3], row[4], id=row[0]) for row in cursor.fetchall()]

    def max_notification_id(self) -> int:
        """Return the last position, as the library's followers ask for it."""
        return self.head() or None  # type: ignore[return-value]  # the library's own contract says None when empty

    def head(self) -> int:
        """Return the position of the last event, 0 for an empty ledger."""
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute("SELECT position FROM ledger_head")
            position: int = cursor.fetchone()[0]
            return position

    def read(self, after: int, limit: int) -> list[LogRow]:
        """Return rows of the log after a position, in order."""
        return self._log_rows("position > ? ORDER BY position LIMIT ?", (after, limit))

    def fences(self) -> list[LogRow]:
        """Return every event that forgets a citizen."""
        return self._log_rows(f"topic = '{_FENCE}' ORDER BY position", ())

    def _log_rows(self, where: str, params: tuple[int, ...]) -> list[LogRow]:
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute(
                f"SELECT position, event_id, topic, metadata, state FROM ledger_event WHERE {where}",  # noqa: S608  # constants above
                params,
            )
            rows: list[LogRow] = cursor.fetchall()
            return rows


class LedgerSQLiteFactory(SQLiteFactory):
    """What the library builds from `PERSISTENCE_MODULE=ledger.store.sqlite`."""

    application_recorder_class = LedgerSQLiteRecorder

    def __init__(self, env: Any) -> None:  # noqa: ANN401  # the library's own type
        """Open the database with the ledger's own connections."""
        super().__init__(env)
        self.datastore.pool.close()
        self.datastore.pool = LedgerSQLitePool(db_name=self.datastore.pool.db_name, pool_size=8)


def _schema_version(cursor: SQLiteCursor) -> int:
    cursor.execute("PRAGMA user_version")
    version: int = cursor.fetchone()[0]
    return version


def _bytes(originator_id: UUID | str) -> bytes:
    return (originator_id if isinstance(originator_id, UUID) else UUID(originator_id)).bytes
