"""Which tables of two generations of a view differ: rows side by side in the order of their keys, none of them twice.

A digest of all rows would have to sort and hash what is mostly equal anyway.
"""

import sqlite3
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from projections.engine.file import ENGINE_TABLES, table_digests

_ROWS_AT_ONCE = 2_000
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' ESCAPE '^'"

Rows = list[tuple[Any, ...]]


def differing_tables(one: sqlite3.Connection, other: sqlite3.Connection) -> list[str]:
    """Return the names of the view's own tables that do not hold the same rows, whatever order they were written in."""
    if not isinstance(one, sqlite3.Connection):
        # Another database that passes for SQLite's.
        ours, theirs = table_digests(one), table_digests(other)
        return sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    names = _tables(one) | _tables(other)
    return sorted(name for name in names if not _holds_the_same(one, other, name))


def _tables(database: sqlite3.Connection) -> set[str]:
    return {name for (name,) in database.execute(_TABLES)} - ENGINE_TABLES


def _holds_the_same(one: sqlite3.Connection, other: sqlite3.Connection, name: str) -> bool:
    columns = _columns(one, name)
    if not columns or columns != _columns(other, name) or _count(one, name) != _count(other, name):
        return False
    return all(ours == theirs for ours, theirs in zip_longest(_pages(one, name, columns), _pages(other, name, columns)))


def _columns(database: sqlite3.Connection, name: str) -> list[tuple[str, int]]:
    """Return the columns that are written, each with its place in the key, 0 if it is not part of it."""
    return [(row[1], row[5]) for row in database.execute(f'PRAGMA table_info("{name}")')]


def _count(database: sqlite3.Connection, name: str) -> int:
    count: int = database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608  # our own schema
    return count


def _pages(database: sqlite3.Connection, name: str, columns: list[tuple[str, int]]) -> Iterator[Rows]:
    chosen = ", ".join(f'"{column}"' for column, _ in columns)
    key = ", ".join(f'"{column}"' for column, place in sorted(columns, key=lambda told: told[1]) if place)
    rows = database.execute(f'SELECT {chosen} FROM "{name}" ORDER BY {key or chosen}')  # noqa: S608  # our own schema
    while page := rows.fetchmany(_ROWS_AT_ONCE):
        yield page
