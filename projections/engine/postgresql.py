"""One generation of a view on PostgreSQL, behind the part of a SQLite connection that views and engine use.

What is written in a transaction is sent without waiting for answers; whoever reads waits, and then hears of what
was refused before. A statement that fails ends this until the next transaction.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import psycopg
from psycopg import Connection, Cursor, pq
from psycopg.rows import TupleRow, tuple_row
from psycopg.types.numeric import NumericBinaryLoader
from psycopg.types.string import TextBinaryLoader

from projections.engine.file import Tables, in_order
from projections.engine.place import Server, ViewsUnreachable
from projections.engine.postgresql_dialect import Parameters, parameters, schema, statement

CONNECT_TIMEOUT_S = 5
LOCK_TIMEOUT_S = 15
# A writer that was stopped half-way keeps the others waiting no longer; no page takes so long.
TRANSACTION_MAX_S = 60
_TRANSACTION_TIMEOUT_SINCE = 170_000
# What is JSON has no order of its own.
_COLUMNS = """
SELECT c.relname, array_agg(quote_ident(a.attname)
    || CASE WHEN a.atttypid = 'json'::regtype THEN '::text COLLATE "C"' ELSE '' END ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' GROUP BY c.relname
"""
# Of the connection, of locks, of a server that only reads for now.
_NO_FAULT_OF_AN_EVENT = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError)
_IDLE = pq.TransactionStatus.IDLE


class _WholeNumberLoader(NumericBinaryLoader):
    """A sum of whole numbers is a whole number, as SQLite has it."""

    def load(self, data: Any) -> Any:  # noqa: ANN401  # the driver's buffers and the driver's numbers
        number = super().load(data)
        return int(number) if number == number.to_integral_value() else float(number)


class Answer:
    """What a statement gave, waited for when it is asked for."""

    def __init__(self, database: "PostgresqlDatabase", cursor: Cursor[TupleRow]) -> None:
        """Keep the cursor of the statement."""
        self._database = database
        self._cursor = cursor

    def __iter__(self) -> Iterator[TupleRow]:
        return iter(self.fetchall())

    @property
    def rowcount(self) -> int:
        """Return how many rows were written or found."""
        self._database.settle()
        return self._cursor.rowcount

    @property
    def description(self) -> list[tuple[str, ...]]:
        """Return the columns, each by its name."""
        self._database.settle()
        return [(column.name,) for column in self._cursor.description or ()]

    def fetchone(self) -> TupleRow | None:
        """Return the next row, if there is one."""
        with self._database.watched():
            return self._cursor.fetchone()

    def fetchall(self) -> list[TupleRow]:
        """Return all rows that are left."""
        with self._database.watched():
            return self._cursor.fetchall()


class PostgresqlDatabase:
    """A connection to one generation of a view."""

    def __init__(self, connection: Connection[TupleRow]) -> None:
        """Use a connection whose search path is the generation's schema."""
        self._connection = connection
        self._leaving = ExitStack()
        self._pipelined: psycopg.Pipeline | None = None

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open."""
        return not self._connection.closed and self._connection.info.transaction_status != _IDLE

    @property
    def usable(self) -> bool:
        """Tell whether the server may still be there."""
        return not self._connection.closed

    def execute(self, sql: str, given: Parameters = ()) -> Answer:
        """Send one statement, as SQLite has it."""
        with self.watched():
            match sql:
                case "BEGIN IMMEDIATE":
                    return self._begin_writing()
                case "BEGIN DEFERRED":
                    return self._begin_reading()
                case "COMMIT" | "ROLLBACK":
                    return self._end(sql)
            text = statement(sql)
            return Answer(self, self._cursor().execute(text, parameters(given, text) or None))

    def executemany(self, sql: str, rows: Sequence[Parameters]) -> None:
        """Send one statement with many parameters."""
        with self.watched():
            text = statement(sql)
            self._cursor().executemany(text, [parameters(row, text) for row in rows])

    def executescript(self, sql: str) -> None:
        """Run the statements that make tables or indexes."""
        self.settle()
        with self.watched():
            self._connection.execute(schema(sql))

    def settle(self) -> None:
        """Wait until the server has answered all that was sent."""
        if self._pipelined:
            with self.watched():
                self._pipelined.sync()

    def tables(self) -> Tables:
        """Return the tables of the generation, each with its rows as they were written, in order, none kept here."""
        for name, columns in self._connection.execute(_COLUMNS).fetchall():
            query: Any = in_order(name, columns)
            yield name, self._cursor().stream(query)

    def close(self) -> None:
        """Disconnect; what was not committed is undone."""
        with suppress(psycopg.Error):
            self._leave_pipeline()
        self._connection.close()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Leave a pipeline that failed; a server that is not there is no fault of an event.

        Raises:
            ViewsUnreachable: the connection is lost, or another held the rows for too long.
        """
        try:
            yield
        except psycopg.Error as error:
            with suppress(psycopg.Error):
                self._leave_pipeline()
            if isinstance(error, _NO_FAULT_OF_AN_EVENT):
                raise unreachable(error) from error
            raise

    def _begin_reading(self) -> Answer:
        cursor = self._cursor()
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        return Answer(self, cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0"))

    def _begin_writing(self) -> Answer:
        cursor = self._cursor()
        cursor.execute("BEGIN")
        if self._connection.info.server_version >= _TRANSACTION_TIMEOUT_SINCE:
            cursor.execute(f"SET LOCAL transaction_timeout = '{TRANSACTION_MAX_S}s'")
        # One writer at a time, as in a file: the next one waits here and then reads a position that moved.
        cursor.execute("SELECT position FROM view_position FOR UPDATE")
        self._pipelined = self._leaving.enter_context(self._connection.pipeline())
        return Answer(self, cursor)

    def _end(self, sql: str) -> Answer:
        # What the server refused shows here at the latest, and is not taken for committed.
        self._leave_pipeline()
        cursor = self._cursor().execute(sql)
        if cursor.statusmessage != sql:
            # To a COMMIT of what has failed the server answers that it rolled back, as if that were no error.
            raise ViewsUnreachable("PostgreSQL rolled back what was to be committed.")
        return Answer(self, cursor)

    def _leave_pipeline(self) -> None:
        self._pipelined = None
        self._leaving.close()

    def _cursor(self) -> Cursor[TupleRow]:
        return self._connection.cursor(binary=True)


def connect(server: Server) -> Connection[TupleRow]:
    """Connect to the database of the views.

    Raises:
        ViewsUnreachable: nobody answers, or nobody is let in so.
    """
    try:
        connection = psycopg.connect(
            server.url,
            autocommit=True,
            row_factory=tuple_row,
            connect_timeout=CONNECT_TIMEOUT_S,
            application_name="collectivilab views",
        )
        # A view can be folded again, so it may lose its last transactions in a power cut, rows and position together.
        connection.execute("SET synchronous_commit = off")
        connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_S}s'")
        connection.execute(f"SET idle_in_transaction_session_timeout = '{LOCK_TIMEOUT_S}s'")
    except psycopg.Error as error:
        raise unreachable(error) from error
    connection.adapters.register_loader("numeric", _WholeNumberLoader)
    connection.adapters.register_loader("json", TextBinaryLoader)
    return connection


def unreachable(error: psycopg.Error) -> ViewsUnreachable:
    """Return what is said of a database that does not answer; never its address, which may hold a password."""
    code = error.sqlstate or "no connection"
    return ViewsUnreachable(f"PostgreSQL does not serve the views now ({code}): see that it runs and DATABASE_URL.")
