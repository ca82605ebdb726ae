"""The ledger on PostgreSQL: several writers may share it, and a group holds the one row of `ledger_head`.

Positions are given from that row, locked until the group commits, never from a sequence: a sequence gives
numbers at insertion, rows appear at commit, and a reader in between would skip events for ever.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import starmap
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    BaseInfrastructureFactory,
    Notification,
    OperationalError,
    PersistenceError,
    StoredEvent,
    Subscription,
)
from eventsourcing.utils import Environment, EnvType

from ledger.store.database import Group, LedgerRecorder, StoreError, StoreIsFull, StoreIsLocked
from ledger.store.mapper import EventRow, LedgerStoredEvent, LogRow, row_of

try:
    from eventsourcing.postgres import PostgresApplicationRecorder, PostgresFactory
    from psycopg import Connection, Cursor, errors
    from psycopg.rows import DictRow, TupleRow, tuple_row
    from psycopg.sql import SQL, Composed

    from ledger.store.postgresql_schema import FENCE, make_tables
    from ledger.store.postgresql_server import (
        LedgerPostgresDatastore,
        StoreIsNotDurable,
        check_server,
        place,
        read_address,
    )
except ModuleNotFoundError as error:  # The library would only say that it cannot resolve a topic.
    raise StoreError("DATABASE_URL needs a driver: install collectivilab[postgresql].") from error

_TAKE_HEAD = "SELECT position, current_setting('synchronous_commit') FROM ledger_head WHERE id = 1 FOR UPDATE"
_MOVE_HEAD = "UPDATE ledger_head SET position = %b WHERE id = 1"
_APPEND = (
    "INSERT INTO ledger_event"
    "(position, originator_id, originator_version, topic, state, event_id, metadata) "
    "SELECT %b::bigint + rank, originator_id, originator_version, topic, state, event_id, metadata "
    "FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[], %b::bytea[], %b::bytea[]) "
    "WITH ORDINALITY "
    "AS given(originator_id, originator_version, topic, state, event_id, metadata, rank)"
)
_RECALL = "SELECT command_id, verdict FROM command_log WHERE command_id = ANY(%b)"
_LOG = "INSERT INTO command_log(command_id, verdict) SELECT * FROM unnest(%b::uuid[], %b::bytea[])"

_HEAD = Composed([SQL("SELECT position FROM ledger_head WHERE id = 1")])
_STREAM = SQL(
    "SELECT originator_id, originator_version, topic, state, event_id, metadata FROM ledger_event "
    "WHERE originator_id = %s AND originator_version > %s AND originator_version <= %s "
)
_OLDEST_FIRST = _STREAM + SQL("ORDER BY originator_version LIMIT %s")
_NEWEST_FIRST = _STREAM + SQL("ORDER BY originator_version DESC LIMIT %s")
_NOTIFICATIONS = SQL("SELECT position, originator_id, originator_version, topic, state FROM ledger_event ") + SQL(
    "WHERE position >= %s AND position <= %s AND (%s::text[] IS NULL OR topic = ANY(%s::text[])) "
    "ORDER BY position LIMIT %s"
)
_LOG_ROWS = SQL("SELECT position, event_id, topic, metadata, state FROM ledger_event ")
_PAGE = _LOG_ROWS + SQL("WHERE position > %s ORDER BY position LIMIT %s")
_FENCES = _LOG_ROWS + SQL("WHERE topic = {} ORDER BY position").format(FENCE)
_BIGINT_MAX = 2**63 - 1


class _PostgresGroup(Group):
    def __init__(self, connection: Connection[DictRow]) -> None:
        self._cursor = _tuples(connection)
        head, synchronous_commit = self._cursor.execute(_TAKE_HEAD).fetchone() or (None, "off")
        if synchronous_commit == "off":
            raise StoreIsNotDurable("synchronous_commit")
        self.head: int = head

    def verdicts(self, command_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        return dict(self._cursor.execute(_RECALL, (list(command_ids),)))

    def append(self, events: Sequence[EventRow]) -> None:
        if not events:
            return
        columns = map(list, zip(*events, strict=True))
        self._cursor.execute(_APPEND, (self.head, *columns))
        self.head += len(events)
        self._cursor.execute(_MOVE_HEAD, (self.head,))

    def log(self, verdicts: Iterable[tuple[UUID, bytes]]) -> None:
        columns = [list(column) for column in zip(*verdicts, strict=True)]
        if columns:
            self._cursor.execute(_LOG, columns)


class LedgerPostgresRecorder(PostgresApplicationRecorder, LedgerRecorder):
    """The library's application recorder with gapless positions, event identity and a command log."""

    def create_table(self) -> None:
        """Make the schema, or refuse a newer one untouched."""
        with self.datastore.transaction(commit=True) as cursor:
            make_tables(cursor)

    @contextmanager
    def group(self) -> Iterator[Group]:
        """Open a group under the lock of the head."""
        try:
            with self.datastore.get_connection() as connection, connection.pipeline(), connection.transaction():
                yield _PostgresGroup(connection)
        except OperationalError as error:
            raise _named(error) from error

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: object) -> Sequence[int]:
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
        after = -1 if gt is None else gt
        to = _BIGINT_MAX if lte is None else lte
        statement = _NEWEST_FIRST if desc else _OLDEST_FIRST
        return list(starmap(LedgerStoredEvent, self._rows(statement, originator_id, after, to, limit)))

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
        last = _BIGINT_MAX if stop is None else stop
        wanted = list(topics) or None
        rows = self._rows(_NOTIFICATIONS, first, last, wanted, wanted, limit)
        return [Notification(row[1], row[2], row[3], row[4], id=row[0]) for row in rows]

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Refuse: a notification sent before the library listens is lost; read the log by position."""
        raise NotImplementedError(f"{type(self).__name__}.subscribe({gt}, {topics}): read the log by position")

    def max_notification_id(self) -> int | None:
        """Return the last position, as the library's followers ask for it."""
        return self.head() or None

    def head(self) -> int:
        """Return the position of the last event, 0 for an empty ledger."""
        position: int = self._rows(_HEAD)[0][0]
        return position

    def read(self, after: int, limit: int) -> list[LogRow]:
        """Return rows of the log after a position, in order."""
        return self._rows(_PAGE, after, limit)

    def fences(self) -> list[LogRow]:
        """Return every event that forgets a citizen."""
        return self._rows(_FENCES)

    def _rows(self, statement: Composed, *params: object) -> list[TupleRow]:
        with self.datastore.get_connection() as connection:
            return _tuples(connection).execute(statement, params).fetchall()


class LedgerPostgresFactory(PostgresFactory):
    """What the library builds from `PERSISTENCE_MODULE=ledger.store.postgresql` and `DATABASE_URL`."""

    application_recorder_class = LedgerPostgresRecorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        """Reach the server, or say clearly why not.

        Raises:
            StoreError: the URL, the server or its settings are not what a ledger needs.
        """
        # Not PostgresFactory's own: it takes five settings apart, of which our one URL may hold more.
        BaseInfrastructureFactory.__init__(self, env)
        self._address = read_address(self.env.get("DATABASE_URL") or "")
        check_server(self._address)
        self.datastore = LedgerPostgresDatastore(self._address)

    def application_recorder(self) -> LedgerPostgresRecorder:
        """Return the recorder, its tables made on first use.

        Raises:
            StoreIsNewer: a newer version of the ledger wrote these tables.
            StoreError: the tables cannot be made.
        """
        try:
            recorder = LedgerPostgresRecorder(self.datastore)
            recorder.create_table()
        except StoreError:
            self.close()
            raise
        except PersistenceError as error:
            self.close()
            raise StoreError(
                f"The ledger's tables could not be made in {place(self._address)} ({error}): "
                "let the user of DATABASE_URL create tables there."
            ) from error
        return recorder


def _tuples(connection: Connection[DictRow]) -> Cursor[TupleRow]:
    return connection.cursor(binary=True, row_factory=tuple_row)


def _named(error: OperationalError) -> Exception:
    match error.__cause__:
        case errors.LockNotAvailable():
            return StoreIsLocked()
        case errors.DiskFull():
            return StoreIsFull()
        case _:
            return error
