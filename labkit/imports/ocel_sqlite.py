"""Reads the SQLite form of OCEL 2.0 into a spool; the database is only read, and nothing in it is trusted."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from labkit.imports.failures import BrokenOcel
from labkit.imports.ocel_spool import Said, Spool

_TECHNICAL = {"ocel_id", "ocel_time", "ocel_changed_field"}


def read_sqlite(path: Path, spool: Spool) -> None:
    """Copy a log into a spool.

    Raises:
        BrokenOcel: the database is not one of OCEL 2.0.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            _copy(database, spool)
    except sqlite3.Error as error:
        raise BrokenOcel("ocel.not-ocel", file=path, detail=error) from error


def _copy(database: sqlite3.Connection, spool: Spool) -> None:
    for id_, type_ in database.execute("SELECT ocel_id, ocel_type FROM event ORDER BY rowid"):
        spool.add_event(str(id_), str(type_))
    for id_, type_ in database.execute("SELECT ocel_id, ocel_type FROM object ORDER BY rowid"):
        spool.add_object(str(id_), str(type_))
    for table in _tables(database, "event"):
        for row in _rows(database, table):
            spool.say_of_event(str(row["ocel_id"]), str(row["ocel_time"]), _said(row))
    for table in _tables(database, "object"):
        for row in _rows(database, table):
            spool.say_of_object(str(row["ocel_id"]), _said(row))
    related = database.execute("SELECT ocel_event_id, ocel_object_id FROM event_object")
    spool.relate((str(event), str(object_)) for event, object_ in related)


def _tables(database: sqlite3.Connection, kind: str) -> list[str]:
    types = database.execute(f"SELECT ocel_type_map FROM {kind}_map_type")  # noqa: S608  # one of two tables
    return [f"{kind}_{mapped}" for (mapped,) in types]


def _rows(database: sqlite3.Connection, table: str) -> Iterator[dict[str, object]]:
    quoted = table.replace('"', '""')
    names = [name for (name,) in database.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,))]
    # Two moments of one object may be written in two zones: only as dates do they have an order. Some tools
    # leave the time out where nothing ever changed.
    order = "julianday(ocel_time), rowid" if "ocel_time" in names else "rowid"
    for values in database.execute(f'SELECT * FROM "{quoted}" ORDER BY {order}'):  # noqa: S608  # quoted
        yield dict(zip(names, values, strict=True))


def _said(row: dict[str, object]) -> dict[str, Said]:
    return {name: value for name, value in row.items() if name not in _TECHNICAL and isinstance(value, Said)}
