"""The generations of one view in a PostgreSQL database: a schema each, and one row that says which is live.

A generation folded by version 3 of the inbox is `view_inbox_1_v3`; where the address names a schema other than
`public`, its name comes first, so that several installations may share a database.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from sqlite3 import Connection
from typing import cast

import psycopg
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from projections.engine.file import ENGINE_SCHEMA
from projections.engine.place import Server
from projections.engine.postgresql import PostgresqlDatabase, connect, unreachable
from projections.engine.postgresql_control import Control, give_back, take_control
from projections.engine.postgresql_dialect import schema
from projections.engine.view import View

_Session = psycopg.Connection[TupleRow]

_NAME_BYTES_MAX = 63
_MAKING = 0x71E35
_LIVE = "SELECT generation FROM view_generation WHERE view = %s"
_BEGIN = "INSERT INTO view_generation VALUES (%s, %s) ON CONFLICT (view) DO NOTHING"
_POINT = "INSERT INTO view_generation VALUES (%s, %s) ON CONFLICT (view) DO UPDATE SET generation = excluded.generation"
_KEPT = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)"
_START = "INSERT INTO view_position VALUES (1, 0, %s) ON CONFLICT (id) DO NOTHING"


class PostgresqlGenerations:
    """The generations of a view, for its writer and any number of readers."""

    def __init__(self, view: View, server: Server) -> None:
        """Name the view and its database; it is reached when first asked."""
        self.view = view
        self._server = server
        self._used: Control | None = None

    def close(self) -> None:
        """Let go of the database."""
        if self._used:
            give_back(self._used)
            self._used = None

    def live(self) -> str:
        """Return the name of the live generation, made on first use."""
        found = self._control.ask(_LIVE, self.view.name)
        if not found:
            self._control.ask(_BEGIN, self.view.name, self._name(1))
            found = self._control.ask(_LIVE, self.view.name)
        name: str = found[0][0]
        return name

    def point_to(self, generation: str) -> None:
        """Make a generation the live one, at once for every later reader."""
        self._control.ask(_POINT, self.view.name, generation)

    def fresh(self) -> str:
        """Return the name of the next generation; what an interrupted rebuild left there is removed."""
        name = self._name(self._number_of(self.live()) + 1)
        self._drop(name)
        return name

    def drop_all_but(self, generations: Sequence[str]) -> None:
        """Remove older generations."""
        for (name,) in self._control.ask(_KEPT, self._prefix):
            if name not in generations and self._number_of(name):
                self._drop(name)

    def is_of_this_version(self, generation: str) -> bool:
        """Tell whether this version of the view folded a generation."""
        return generation.endswith(f"_v{self.view.version}")

    def open(self, generation: str) -> Connection:
        """Open a generation, made with the view's schema on first use, whole or not at all."""
        connection = connect(self._server)
        try:
            with connection.transaction():
                # Two may start at once, and IF NOT EXISTS would let one of them fail.
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))
                if not _is_made(connection, generation):
                    connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(generation)))
                    _enter(connection, generation)
                    connection.execute(schema(f"{ENGINE_SCHEMA} {self.view.schema}"))
                    connection.execute(_START, (self.view.version,))
            _enter(connection, generation)
        except psycopg.OperationalError as error:
            connection.close()
            raise unreachable(error) from error
        except BaseException:
            connection.close()
            raise
        return _as_sqlite(connection)

    def open_as_it_is(self, generation: str) -> Connection:
        """Open a generation whatever version of its view wrote it."""
        connection = connect(self._server)
        if _is_made(connection, generation):
            _enter(connection, generation)
            return _as_sqlite(connection)
        connection.close()
        return self.open(generation)

    def open_for_reading(self, generation: str) -> Connection:
        """Open a generation without being able to change it."""
        connection = connect(self._server)
        if not _is_made(connection, generation):
            self.open(generation).close()
        _enter(connection, generation)
        connection.execute("SET default_transaction_read_only = on")
        return _as_sqlite(connection)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Keep other rebuilds of the view away, for as long as this process lives; tell whether there was none."""
        with self._control.locked(self._prefix) as locked:
            yield locked

    @property
    def _control(self) -> Control:
        if self._used is None:
            self._used = take_control(self._server)
        return self._used

    @property
    def _prefix(self) -> str:
        home = self._control.home
        return f"view_{self.view.name}_" if home == "public" else f"{home}_view_{self.view.name}_"

    def _name(self, number: int) -> str:
        name = f"{self._prefix}{number}_v{self.view.version}"
        if len(name.encode()) > _NAME_BYTES_MAX:
            raise ValueError(f"{name} is too long for the name of a schema: give the view a shorter one.")
        return name

    def _number_of(self, generation: str) -> int:
        """Return the number of a generation of this view, 0 for what is none, such as that of a longer name."""
        number, mark, version = generation.removeprefix(self._prefix).partition("_v")
        return int(number) if mark and number.isdecimal() and version.isdecimal() else 0

    def _drop(self, name: str) -> None:
        self._control.ask(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')


def _is_made(connection: _Session, generation: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (generation,))
    return found.fetchone() is not None


def _enter(connection: _Session, generation: str) -> None:
    connection.execute(SQL("SET search_path TO {}").format(Identifier(generation)))


def _as_sqlite(connection: _Session) -> Connection:
    # Views are written against the part of SQLite's connection that both have.
    return cast("Connection", PostgresqlDatabase(connection))
