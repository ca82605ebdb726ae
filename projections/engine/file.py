"""One SQLite file of a view: its rows, the position they reflect, and what it could not digest."""

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from uuid import UUID
from zlib import crc32

from msgspec import Struct

from projections.engine.view import View

ENGINE_SCHEMA = """
CREATE TABLE IF NOT EXISTS view_position(
    id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL, version INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS parked(position INTEGER PRIMARY KEY, subject BLOB, tag TEXT NOT NULL, reason TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS parked_subject ON parked(subject);
CREATE TABLE IF NOT EXISTS folded(range_start INTEGER PRIMARY KEY, events INTEGER NOT NULL, digest BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS view_epochs(id INTEGER PRIMARY KEY CHECK (id = 1), epochs TEXT NOT NULL);
"""
CHECKPOINT_PAGES = 150
_PRAGMAS = (
    "busy_timeout=10000",
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "cache_size=-8000",
)
ENGINE_TABLES = frozenset({"view_position", "parked", "folded", "view_epochs"})
Tables = Iterator[tuple[str, Iterable[tuple[object, ...]]]]
# The reason is that of the first event: why it began.
_PARKED = """
SELECT cases.subject, first, events, reason FROM parked
JOIN (SELECT subject, min(position) AS first, count(*) AS events FROM parked GROUP BY subject) AS cases
    ON position = first
ORDER BY first
"""


class ParkedCase(Struct, frozen=True):
    """A case that a view could not digest, from one position on."""

    subject: UUID | None
    position: int
    events: int
    reason: str


def open_file(path: Path, view: View) -> sqlite3.Connection:
    """Open the file of one generation, made with the view's schema on first use, whole or not at all."""
    with path.with_name("opening.lock").open("w", encoding="ascii") as lock:
        # Two who make the same file at once would get «database is locked» without any waiting.
        fcntl.flock(lock, fcntl.LOCK_EX)
        database = open_as_it_is(path)
        try:
            database.executescript(f"BEGIN IMMEDIATE; {ENGINE_SCHEMA} {view.schema};")
            database.execute("INSERT OR IGNORE INTO view_position VALUES (1, 0, ?)", (view.version,))
            database.execute("COMMIT")
        except BaseException:
            database.close()
            raise
        return database


def open_as_it_is(path: Path) -> sqlite3.Connection:
    """Open a file whatever version of its view wrote it."""
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    # A view can be folded again, so it may lose its last transactions in a power cut, rows and position together.
    # Small and at a pace of its own: views that fold the same pages would all sync at once, and every page would wait.
    pace = CHECKPOINT_PAGES + crc32(path.parent.name.encode()) % CHECKPOINT_PAGES
    for pragma in (*_PRAGMAS, f"wal_autocheckpoint={pace}"):
        database.execute(f"PRAGMA {pragma}")
    return database


def open_for_reading(path: Path) -> sqlite3.Connection | None:
    """Open a file without being able to change it; `None` if it is not made yet."""
    if not path.exists():
        return None
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
    if database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'view_position'").fetchone():
        return database
    database.close()
    return None


def position_of(database: sqlite3.Connection) -> int:
    """Return the position that the rows of a view's file reflect."""
    position: int = database.execute("SELECT position FROM view_position").fetchone()[0]
    return position


def hear_of_refusals(database: sqlite3.Connection) -> None:
    """Have a database say what it refused: a server is not waited for at every statement."""
    position_of(database)


def version_of(database: sqlite3.Connection) -> int:
    """Return the version of the view that wrote a file."""
    version: int = database.execute("SELECT version FROM view_position").fetchone()[0]
    return version


def parked_cases(database: sqlite3.Connection) -> list[ParkedCase]:
    """Return the cases parked in a view's file, oldest first."""
    rows = database.execute(_PARKED).fetchall()
    return [ParkedCase(UUID(bytes=s) if s else None, position, events, reason) for s, position, events, reason in rows]


def remove_database(path: Path) -> None:
    """Remove a SQLite file and its companions."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def table_digests(database: sqlite3.Connection) -> dict[str, str]:
    """Return a digest of the rows of each of a view's own tables, whatever order they were written in."""
    # Another database passes for SQLite's, but for what is not SQL.
    tables: Tables = database.tables() if hasattr(database, "tables") else _tables(database)
    return {name: _digest(rows) for name, rows in tables if name not in ENGINE_TABLES}


def in_order(table: str, columns: Sequence[str]) -> str:
    """Return the query for all rows of a table, in an order that is theirs alone."""
    order = ", ".join(f"{rank} NULLS FIRST" for rank in range(1, len(columns) + 1))
    return f'SELECT {", ".join(columns)} FROM "{table}" ORDER BY {order}'  # noqa: S608  # names of our own schema


def _tables(database: sqlite3.Connection) -> Tables:
    names = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for (name,) in names:
        if not name.startswith("sqlite_"):
            columns = [f'"{row[1]}"' for row in database.execute(f'PRAGMA table_info("{name}")')]
            yield name, database.execute(in_order(name, columns))


def _digest(rows: Iterable[tuple[object, ...]]) -> str:
    digest = blake2b(digest_size=16)
    for row in rows:
        digest.update(repr(row).encode())
    return digest.hexdigest()
