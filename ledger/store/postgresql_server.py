"""The PostgreSQL server behind `DATABASE_URL`: its address, whether it keeps what it confirms, its pool.

No message here ever quotes the URL: it holds a password, and one badly written spills into other parts.
"""

from collections.abc import Callable
from typing import Any

import psycopg
from eventsourcing.postgres import PostgresDatastore
from psycopg import Connection, IsolationLevel
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from ledger.store.database import LOCK_TIMEOUT_S, StoreError

CONNECT_TIMEOUT_S = 5
CONNECTION_WAIT_S = 10.0
CONNECTIONS_MIN = 2
CONNECTIONS_MAX = 10
# Longer than a group may wait for anything, so that only a writer that hangs is thrown out.
GROUP_PAUSE_S_MAX = 2 * LOCK_TIMEOUT_S
_NEEDED = ("synchronous_commit", "fsync")

Address = dict[str, Any]


class StoreIsNotDurable(StoreError):
    """The server would confirm what a power cut could still undo."""

    def __init__(self, setting: str) -> None:
        """Name the setting."""
        super().__init__(
            f"PostgreSQL runs with {setting} = off: it would lose commands that were answered. "
            f"Set {setting} = on for the ledger's database and user, then start again."
        )


def read_address(url: str, *, setting: str = "DATABASE_URL") -> Address:
    """Take a `postgresql://…` URL apart, percent-codes decoded.

    Raises:
        StoreError: it is no such URL; the message does not quote it.
    """
    try:
        address = conninfo_to_dict(url) if url.startswith(("postgresql://", "postgres://")) else {}
    except psycopg.Error:
        address = {}
    # A password with a bare @, / or ? would end up in these, and then in messages.
    shown = "".join(str(address.get(part, "")) for part in ("host", "dbname", "user"))
    ports = str(address.get("port", "5432")).replace(",", "")
    if not address or "@" in shown or not (ports.isascii() and ports.isdigit()):
        # Without «from»: what libpq says of a bad URL quotes it.
        raise StoreError(
            f"{setting} is no address of a PostgreSQL database: write it like "
            "postgresql://user:password@host:5432/database, special characters as %-codes (@ is %40)."
        )
    return {"connect_timeout": CONNECT_TIMEOUT_S, "fallback_application_name": "collectivilab", **address}


def place(address: Address) -> str:
    """Name the database for a message, without its password."""
    database = address.get("dbname") or address.get("user") or "of the present user"
    host = address.get("host") or address.get("hostaddr") or "this machine"
    return f"database {database} at {host}, port {address.get('port', 5432)}"


def check_server(address: Address, *, setting: str = "DATABASE_URL") -> None:
    """Reach the server and make sure that what it confirms is on disk.

    Raises:
        StoreError: nobody answers, or the user is not let in.
        StoreIsNotDurable: a power cut could undo what was confirmed.
    """
    query = "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'off' ORDER BY name DESC"
    try:
        with psycopg.connect(**address) as connection:
            risky = connection.execute(query, (list(_NEEDED),)).fetchone()
    except psycopg.Error as error:
        raise StoreError(
            f"PostgreSQL cannot be used: {place(address)} ({_reason(error)}). Start it, or correct {setting}."
        ) from error
    if risky:
        raise StoreIsNotDurable(risky[0])


class LedgerPostgresDatastore(PostgresDatastore):
    """The library's pool, with every setting of the address and sessions as a group needs them."""

    def __init__(self, address: Address) -> None:
        """Make the pool; it connects when first asked."""
        super().__init__(
            dbname="",
            host="",
            port="",
            user="",
            password="",
            connect_timeout=CONNECTION_WAIT_S,
            idle_in_transaction_session_timeout=GROUP_PAUSE_S_MAX,
            pool_size=CONNECTIONS_MIN,
            max_overflow=CONNECTIONS_MAX - CONNECTIONS_MIN,
            pre_ping=True,
        )
        self.pool.kwargs = {"row_factory": dict_row, **address}

    def after_connect_func(self) -> Callable[[Connection[Any]], None]:
        """Return what prepares each new connection; a group must read the head as it is after the lock."""
        prepare = super().after_connect_func()
        lock_timeout = f"{round(LOCK_TIMEOUT_S * 1000)}ms"

        def after_connect(connection: Connection[Any]) -> None:
            prepare(connection)
            connection.execute("SELECT set_config('lock_timeout', %s, false)", (lock_timeout,))
            connection.isolation_level = IsolationLevel.READ_COMMITTED

        return after_connect


def _reason(error: psycopg.Error) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    told = [line for line in lines if "failed: " in line] or lines[:1]
    return told[-1].rpartition("failed: ")[2]
