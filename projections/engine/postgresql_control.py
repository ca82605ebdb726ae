"""Which generation of each view is live, in a PostgreSQL database: one connection a process, whatever it reads.

The pointers, the leases and the names of the generations' schemas belong to the schema that the address names.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

import psycopg
from psycopg.rows import TupleRow

from projections.engine.place import Server, ViewsUnreachable
from projections.engine.postgresql import connect, unreachable

_MAKING = 0x71E35
_TABLES = (
    "CREATE TABLE IF NOT EXISTS view_generation(view text PRIMARY KEY, generation text NOT NULL)",
    "CREATE TABLE IF NOT EXISTS view_folder(owner uuid PRIMARY KEY, expires_at timestamptz NOT NULL)",
    "CREATE TABLE IF NOT EXISTS view_lease(view text PRIMARY KEY, owner uuid NOT NULL, expires_at timestamptz)",
)
_HOME = "SELECT current_schema(), to_regclass('view_lease')"
_REBUILDING = 0x71E36
_LOCK = "SELECT pg_try_advisory_lock(%s, hashtext(%s))"
_UNLOCK = "SELECT pg_advisory_unlock(%s, hashtext(%s))"
_controls: dict[Server, "Control"] = {}
_lock = RLock()


class Control:
    """A connection that all views of a process share, for one statement at a time."""

    def __init__(self, server: Server) -> None:
        """Name the database; it is reached when first asked."""
        self._server = server
        self._connection: psycopg.Connection[TupleRow] | None = None
        self._home = ""
        self._busy = RLock()
        self._locked: set[str] = set()
        self.users = 0

    @property
    def home(self) -> str:
        """Return the schema that the address names."""
        with self._busy:
            self._reach()
            return self._home

    def ask(self, statement: str, *given: object) -> list[TupleRow]:
        """Send one statement; return what it gave.

        Raises:
            ViewsUnreachable: the server does not answer.
        """
        with self._busy:
            try:
                return self._rows(statement, given)
            except psycopg.OperationalError:
                # A connection of before the server started again; each statement here may be sent twice.
                self.close()
            try:
                return self._rows(statement, given)
            except psycopg.OperationalError as error:
                self.close()
                raise unreachable(error) from error

    @contextmanager
    def locked(self, name: str) -> Iterator[bool]:
        """Keep others away from what has a name, in this process and in others; tell whether nobody was there."""
        with self._busy:
            free = name not in self._locked and bool(self.ask(_LOCK, _REBUILDING, name)[0][0])
            self._locked |= {name} if free else set()
        try:
            yield free
        finally:
            if free:
                self._locked.discard(name)
                self.ask(_UNLOCK, _REBUILDING, name)

    def close(self) -> None:
        """Disconnect."""
        with self._busy:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _rows(self, statement: str, given: tuple[object, ...]) -> list[TupleRow]:
        cursor = self._reach().execute(statement, given or None)
        return cursor.fetchall() if cursor.description else []

    def _reach(self) -> psycopg.Connection[TupleRow]:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._server)
            place, made = self._connection.execute(_HOME).fetchone() or (None, None)
            if place is None:
                raise ViewsUnreachable("The schema that DATABASE_URL names is not there: make it first.")
            self._home = place
            if made is None:
                _make_tables(self._connection)
        return self._connection


def take_control(server: Server) -> Control:
    """Return the connection that all who use a database share."""
    with _lock:
        control = _controls.setdefault(server, Control(server))
        control.users += 1
        return control


def give_back(control: Control) -> None:
    """Close the connection once nobody uses it any more."""
    with _lock:
        control.users -= 1
        if not control.users:
            control.close()
            for server in [server for server, known in _controls.items() if known is control]:
                del _controls[server]


def _make_tables(connection: psycopg.Connection[TupleRow]) -> None:
    with connection.transaction():
        # Two may start at once, and IF NOT EXISTS would let one of them fail.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))
        for statement in _TABLES:
            connection.execute(statement)
