"""The ledger's tables out of PostgreSQL and back, by `pg_dump` and `pg_restore`: nobody knows the format better.

The position that is noted and the tables that are dumped are seen in one snapshot. The password reaches the programs
by their environment, where other users of the machine do not see it.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import IsolationLevel
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from labkit.backup.failures import BackupFailed, DatabaseInUse, ProgramMissing, RestoreFailed
from labkit.backup.log_facts import log_facts
from labkit.backup.manifest import LogFacts
from labkit.failures import StorageFailed
from ledger.store.database import StoreError
from ledger.store.postgresql_server import Address, place, read_address

DUMP = "ledger.dump"
TABLES = ("ledger_schema", "ledger_event", "ledger_head", "command_log")
"""All the tables of a ledger; views have schemas of their own and are folded again."""
AT_MOST_S = 24 * 3600.0
LINES_TOLD = 2
_SCHEMA = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass('ledger_head')"
_EXISTING = "SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NOT NULL"


def dump(url: str, file: Path) -> LogFacts:
    """Write the ledger's tables into a file, and return what is true of them.

    Raises:
        ProgramMissing: `pg_dump` is not on the path.
        BackupFailed: the server or the program refuses.
    """
    address = _address(url)
    try:
        with psycopg.connect(**address) as database:
            database.isolation_level = IsolationLevel.REPEATABLE_READ
            database.read_only = True
            facts = log_facts(database, "postgresql")
            (snapshot,) = database.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
            (schema,) = database.execute(_SCHEMA).fetchone() or ("public",)
            tables = [f"--table={schema}.{table}" for table in TABLES]
            options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={file}"]
            _run("pg_dump", [*options, *tables], address=address)
    except (psycopg.Error, subprocess.SubprocessError) as error:
        raise BackupFailed(target=file, reason=_reason(error)) from error
    return facts


def check_empty(url: str) -> None:
    """Make sure that no ledger is where one is to be restored.

    Raises:
        DatabaseInUse: one is.
        RestoreFailed: the server cannot be asked.
    """
    address = _address(url)
    try:
        with psycopg.connect(**address) as database:
            found = database.execute(_EXISTING, (list(TABLES),)).fetchone()
    except psycopg.Error as error:
        raise RestoreFailed(data=place(address), reason=_reason(error)) from error
    if found:
        raise DatabaseInUse(place=place(address))


@contextmanager
def loaded(url: str, file: Path) -> Iterator[None]:
    """Put the tables of a dump into an empty database; they are taken out again if what follows fails.

    Raises:
        ProgramMissing: `pg_restore` is not on the path.
        RestoreFailed: the server or the program refuses.
    """
    address = _address(url)
    try:
        _run("pg_restore", ["--single-transaction", "--no-owner", "--no-privileges", str(file)], address=address)
    except subprocess.SubprocessError as error:
        raise RestoreFailed(data=place(address), reason=_reason(error)) from error
    try:
        yield
    except BaseException:
        with psycopg.connect(**address) as database:
            database.execute(SQL("DROP TABLE {}").format(SQL(", ").join(map(Identifier, TABLES))))
        raise


def _address(url: str) -> Address:
    try:
        return read_address(url)
    except StoreError as error:
        raise StorageFailed(reason=error) from error


def _run(program: str, options: list[str], *, address: Address) -> None:
    found = shutil.which(program)
    if found is None:
        raise ProgramMissing(name=program)
    password = address.get("password")
    reached = make_conninfo(**{name: value for name, value in address.items() if name != "password"})
    subprocess.run(  # noqa: S603  # a program of PostgreSQL, with options of our own
        [found, *options, f"--dbname={reached}"],
        check=True,
        capture_output=True,
        env={**os.environ, **({"PGPASSWORD": str(password)} if password else {})},
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=AT_MOST_S,
    )


def _reason(error: Exception) -> str:
    """Return what the server or the program said first, without the command line."""
    said = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
    return " ".join(said.split("\n")[:LINES_TOLD]).strip() or type(error).__name__
