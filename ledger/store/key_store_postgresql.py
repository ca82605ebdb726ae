"""The keys on PostgreSQL, in a database apart from the ledger's: the machines that write share them.

What is destroyed here is out of every answer at once, but PostgreSQL overwrites nothing in place: the wrapped bytes
stay in its files, its log and its backups until these are recycled, and only the master key would open them.
"""

from collections.abc import Mapping
from typing import Any, LiteralString
from uuid import UUID

from ledger.store.database import LOCK_TIMEOUT_S, StoreError
from ledger.store.key_store import EPOCH, GENERATION, VaultError

try:
    import psycopg

    from ledger.store.postgresql_server import check_server, place, read_address
except ModuleNotFoundError as error:
    raise StoreError("KEYS_DATABASE_URL needs a driver: install collectivilab[postgresql].") from error

SETTING = "KEYS_DATABASE_URL"
_TIMEOUT_MS = round(LOCK_TIMEOUT_S * 1000)
_MAKING_TABLES = 0x1ED6E7
_TABLE = (
    "CREATE TABLE IF NOT EXISTS subject_key(subject uuid PRIMARY KEY, generation integer NOT NULL, "
    "epoch integer NOT NULL, wrapped bytea, erased_at text) "
    # Few rows ever change, and those that do held a key: their old versions go soon.
    "WITH (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0)"
)
_FIND = "SELECT wrapped FROM subject_key WHERE subject = %s"
_FIND_ANY = "SELECT subject, wrapped FROM subject_key WHERE wrapped IS NOT NULL LIMIT 1"
_ADD = (
    "INSERT INTO subject_key(subject, generation, epoch, wrapped) "
    "SELECT subject, %s, %s, wrapped FROM unnest(%s::uuid[], %s::bytea[]) AS given(subject, wrapped) "
    "ON CONFLICT (subject) DO NOTHING"
)
_KEPT = "SELECT subject, wrapped FROM subject_key WHERE subject = ANY(%s)"
_ERASE = (
    "INSERT INTO subject_key(subject, generation, epoch, erased_at) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT (subject) DO UPDATE SET wrapped = NULL, erased_at = excluded.erased_at "
    "WHERE subject_key.erased_at IS NULL"
)

Row = tuple[Any, ...]


class PostgresKeyStore:
    """One connection, made again when it was lost; every statement may be repeated without harm."""

    shared = True

    def __init__(self, url: str) -> None:
        """Reach the database and make the table on first use.

        Raises:
            StoreError: the address or the server are not what keys need.
            VaultError: the table cannot be made.
        """
        self._address = read_address(url, setting=SETTING)
        check_server(self._address, setting=SETTING)
        self._connection: psycopg.Connection[Row] | None = None
        try:
            with psycopg.connect(**self._address) as connection:
                # Two processes may start at once, and IF NOT EXISTS would let one of them fail.
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING_TABLES,))
                connection.execute(_TABLE)
        except psycopg.Error as error:
            raise VaultError(
                f"The table of keys could not be made in {place(self._address)}: "
                f"let the user of {SETTING} create tables there."
            ) from error

    def find(self, subject: UUID) -> tuple[bytes | None] | None:
        """Return the wrapped key of a subject, none of it once destroyed; `None` when it never had one."""
        found = self._ask(_FIND, subject)
        return (found[0][0],) if found else None

    def find_any(self) -> tuple[UUID, bytes] | None:
        """Return some key that is there, and whose it is."""
        found = self._ask(_FIND_ANY)
        return (found[0][0], found[0][1]) if found else None

    def add(self, wrapped: Mapping[UUID, bytes]) -> None:
        """Make new keys durable, all or none, then look whose were kept.

        Raises:
            VaultError: another process made one of them first.
        """
        self._ask(_ADD, GENERATION, EPOCH, list(wrapped), list(wrapped.values()))
        if dict(self._ask(_KEPT, list(wrapped))) != wrapped:
            raise VaultError("Another process made the key of a citizen first: send the command again, unchanged.")

    def erase(self, subject: UUID, erased_at: str) -> None:
        """Destroy the key of a subject and leave the fence; again changes nothing."""
        self._ask(_ERASE, subject, GENERATION, EPOCH, erased_at)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, statement: LiteralString, *values: object, again: bool = True) -> list[Row]:
        try:
            cursor = self._connected().execute(statement, values, binary=True)
            return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            self.close()
            if again and isinstance(error, psycopg.OperationalError):
                # The connection may have been lost since it was last used.
                return self._ask(statement, *values, again=False)
            raise VaultError(
                f"The key store cannot be reached ({place(self._address)}): send the command again, unchanged."
            ) from error

    def _connected(self) -> "psycopg.Connection[Row]":
        if self._connection is None:
            address = {"tcp_user_timeout": _TIMEOUT_MS, **self._address}
            self._connection = psycopg.connect(**address, autocommit=True)
            self._connection.execute("SELECT set_config('statement_timeout', %s, false)", (f"{_TIMEOUT_MS}ms",))
        return self._connection
