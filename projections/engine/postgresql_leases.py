"""The leases of the views in a PostgreSQL database: rows with an owner and an end, by the clock of the server.

Whoever stops renewing, for whatever reason, loses his views after a while. Processes that share count one another
and hold no more than their part.
"""

from collections.abc import Sequence
from uuid import uuid4

import psycopg
from psycopg.rows import TupleRow

from projections.engine.place import Server
from projections.engine.postgresql import connect, unreachable
from projections.engine.postgresql_control import give_back, take_control

LEASE_S = 10.0
_LEASING = 0x71E37
_APPEAR = (
    "INSERT INTO view_folder VALUES (%s, now() + make_interval(secs => %s)) "
    "ON CONFLICT (owner) DO UPDATE SET expires_at = excluded.expires_at"
)
_FORGET_THE_SILENT = "DELETE FROM view_folder WHERE expires_at < now()"
_COUNT = "SELECT count(*) FROM view_folder"
_RENEW = (
    "UPDATE view_lease SET expires_at = now() + make_interval(secs => %s) "
    "WHERE owner = %s AND view = ANY(%s) RETURNING view"
)
_TAKE = (
    "INSERT INTO view_lease SELECT view, %s, now() + make_interval(secs => %s) FROM unnest(%s::text[]) AS wanted(view) "
    "WHERE NOT EXISTS (SELECT FROM view_lease AS taken WHERE taken.view = wanted.view AND taken.expires_at >= now()) "
    "LIMIT %s ON CONFLICT (view) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at RETURNING view"
)
_LEAVE = "DELETE FROM view_lease WHERE owner = %s AND view = ANY(%s)"
_DISAPPEAR = "DELETE FROM view_folder WHERE owner = %s"


class PostgresqlLeases:
    """The leases that one process holds on the views of a database."""

    def __init__(self, server: Server, names: Sequence[str], *, shared: bool, lease_s: float = LEASE_S) -> None:
        """Name the views that this process may fold; one that does not share takes all that is free."""
        self._server = server
        self._names = list(names)
        self._shared = shared
        self._lease_s = lease_s
        self._owner = uuid4()
        self._connection: psycopg.Connection[TupleRow] | None = None

    def hold(self) -> frozenset[str]:
        """Renew what is held, take what nobody holds, leave what others lack; return the views that are held now.

        Raises:
            ViewsUnreachable: the server does not answer.
        """
        try:
            connection = self._reach()
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LEASING,))
                part = self._part(connection)
                held = self._names_in(connection, _RENEW, self._lease_s, self._owner, self._names)
                connection.execute(_LEAVE, (self._owner, held[part:]))
                held = held[:part]
                others = [name for name in self._names if name not in held]
                held += self._names_in(connection, _TAKE, self._owner, self._lease_s, others, part - len(held))
                return frozenset(held)
        except psycopg.Error as error:
            raise unreachable(error) from error

    def release(self) -> None:
        """Let others take everything at once.

        Raises:
            ViewsUnreachable: the server does not answer; the leases end by themselves.
        """
        try:
            connection = self._reach()
            connection.execute(_LEAVE, (self._owner, self._names))
            connection.execute(_DISAPPEAR, (self._owner,))
            connection.close()
        except psycopg.Error as error:
            raise unreachable(error) from error

    def _part(self, connection: psycopg.Connection[TupleRow]) -> int:
        if not self._shared:
            return len(self._names)
        connection.execute(_FORGET_THE_SILENT)
        connection.execute(_APPEAR, (self._owner, self._lease_s))
        row = connection.execute(_COUNT).fetchone() or (1,)
        return -(-len(self._names) // int(row[0]))

    @staticmethod
    def _names_in(connection: psycopg.Connection[TupleRow], statement: str, *given: object) -> list[str]:
        found = connection.execute(statement, given)
        return sorted(row[0] for row in found)

    def _reach(self) -> psycopg.Connection[TupleRow]:
        if self._connection is None or self._connection.closed:
            control = take_control(self._server)
            control.ask("SELECT 1 FROM view_lease LIMIT 1")
            give_back(control)
            self._connection = connect(self._server)
            # A process stopped while it looks would keep all others from looking.
            self._connection.execute(f"SET idle_in_transaction_session_timeout = '{round(self._lease_s * 1000)}ms'")
        return self._connection
