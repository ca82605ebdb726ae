"""OCEL 2.0 as a SQLite database, written event by event; `ocel.py` makes the JSON form from it.

Whatever the size of the ledger, memory holds one event: what objects are is kept in the file itself.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from labkit.exports.reading import Recorded
from labkit.exports.telling import OBJECT_TYPES, Attributes, Mention, Sort, Told, Value, attribute_sorts, tell
from ledger.domain.events import BY_TAG

FROM_THE_START = "1970-01-01T00:00:00.000000+00:00"
"""The standard's time of what an object is when it first appears."""

_COLUMN_TYPES: dict[Sort, str] = {
    "string": "TEXT",
    "integer": "INTEGER",
    "float": "REAL",
    "boolean": "BOOLEAN",
    "time": "TIMESTAMP",
}
_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
BEGIN;
CREATE TABLE event_map_type(ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE object_map_type(ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE event(ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES event_map_type(ocel_type));
CREATE TABLE object(ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES object_map_type(ocel_type));
CREATE TABLE event_object(
    ocel_event_id TEXT REFERENCES event(ocel_id),
    ocel_object_id TEXT REFERENCES object(ocel_id),
    ocel_qualifier TEXT,
    PRIMARY KEY(ocel_event_id, ocel_object_id, ocel_qualifier)
);
CREATE TABLE object_object(
    ocel_source_id TEXT REFERENCES object(ocel_id),
    ocel_target_id TEXT REFERENCES object(ocel_id),
    ocel_qualifier TEXT,
    PRIMARY KEY(ocel_source_id, ocel_target_id, ocel_qualifier)
);
"""


def write_sqlite(events: Iterable[Recorded], file: Path) -> int:
    """Write events into a new database; return how many there were."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.executescript(_SCHEMA)
        writer = _Writer(database)
        count = 0
        for count, recorded in enumerate(events, start=1):  # noqa: B007  # the last count is the answer
            writer.add(tell(recorded))
        database.execute("COMMIT")
        return count


def table_name(kind: str, type_: str) -> str:
    """Return the table of a type, such as `event_step_recorded_v1`."""
    return f"{kind}_{_mapped(type_)}"


class _Writer:
    """Knows which types the file has met so far: each gets its table when it first appears."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._types: set[tuple[str, str]] = set()

    def add(self, told: Told) -> None:
        self._ensure("event", told.type)
        self._database.execute("INSERT INTO event VALUES(?, ?)", (told.id, told.type))
        self._insert(table_name("event", told.type), {"ocel_id": told.id, "ocel_time": told.time, **told.attributes})
        for mention in told.mentions:
            self._mention(mention, told)

    def _mention(self, mention: Mention, told: Told) -> None:
        self._ensure("object", mention.type)
        table = table_name("object", mention.type)
        added = self._database.execute("INSERT OR IGNORE INTO object VALUES(?, ?)", (mention.id, mention.type))
        if added.rowcount:
            self._insert(table, {"ocel_id": mention.id, "ocel_time": FROM_THE_START, **mention.attributes})
        else:
            for name, value in mention.attributes.items():
                change: Attributes = {"ocel_id": mention.id, "ocel_time": told.time, "ocel_changed_field": name}
                self._insert(table, {**change, name: value})
        self._relate("event_object", told.id, mention.id, mention.qualifier)
        for target, qualifier in mention.related:
            self._relate("object_object", mention.id, target, qualifier)

    def _relate(self, table: str, *row: str) -> None:
        self._database.execute(f"INSERT OR IGNORE INTO {table} VALUES(?, ?, ?)", row)

    def _insert(self, table: str, row: Attributes) -> None:
        columns, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        self._database.execute(
            f'INSERT INTO "{table}"({columns}) VALUES({marks})',
            [_stored(value) for value in row.values()],
        )

    def _ensure(self, kind: str, type_: str) -> None:
        if (kind, type_) in self._types:
            return
        self._types.add((kind, type_))
        sorts = attribute_sorts(BY_TAG[type_]) if kind == "event" else OBJECT_TYPES[type_]
        attributes = [f'"{name}" {_COLUMN_TYPES[sort]}' for name, sort in sorts.items()]
        identity = f"ocel_id TEXT {'PRIMARY KEY ' if kind == 'event' else ''}REFERENCES {kind}(ocel_id)"
        changed = [] if kind == "event" else ["ocel_changed_field TEXT"]
        columns = ", ".join([identity, "ocel_time TIMESTAMP", *changed, *attributes])
        self._database.execute(f"INSERT INTO {kind}_map_type VALUES(?, ?)", (type_, _mapped(type_)))
        self._database.execute(f'CREATE TABLE "{table_name(kind, type_)}"({columns})')
        if kind == "object":
            self._database.execute(f'CREATE INDEX "of_{_mapped(type_)}" ON "{table_name(kind, type_)}"(ocel_id)')


def _stored(value: Value) -> Value:
    # The zone is kept: SQLite's own date functions understand it, and 9 o'clock stays 9 o'clock.
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def _mapped(type_: str) -> str:
    return type_.replace("-", "_").replace(".", "_")
