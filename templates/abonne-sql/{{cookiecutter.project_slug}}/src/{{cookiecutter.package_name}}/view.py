"""Makes a view of `view.sql`: rows are written as its tables ask for them, without a line of Python."""

from collections.abc import Mapping
from contextlib import closing
from functools import partial
from importlib.resources import files
from sqlite3 import Connection, connect
from typing import Any
from zlib import crc32

import msgspec
from ledger.domain.events import ServiceEventRecorded
from ledger.publishing.published import PublishedEvent
from projections.engine.view import View

NAME = "{{ cookiecutter.package_name }}"
Tables = Mapping[str, tuple[str, ...]]


def read_sql() -> str:
    """Return the whole of `view.sql`."""
    return files(__package__).joinpath("view.sql").read_text("utf-8")


def view_of(sql: str) -> View:
    """Return the view that some SQL describes; any change of it makes the view fold the whole stream anew."""
    return View(name=NAME, version=crc32(sql.encode()), schema=sql, project=partial(project, tables_of(sql)))


def tables_of(sql: str) -> Tables:
    """Return the columns of every table."""
    with closing(connect(":memory:")) as db:
        db.executescript(sql)
        names = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return {name: tuple(row[1] for row in db.execute(f"PRAGMA table_info({name})")) for (name,) in names}


def answers(db: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every query that has a name."""
    names = db.execute("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name").fetchall()
    return {name: db.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names}


def project(tables: Tables, db: Connection, published: PublishedEvent) -> None:
    """Write one row, if a table is named after the event."""
    name, fields = told(published)
    table = table_of(name)
    columns = tables.get(table)
    if columns is None:
        return
    marks = ", ".join("?" * len(columns))
    values = [in_sql(fields.get(column)) for column in columns]
    db.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)


def table_of(name: str) -> str:
    """Return the table that an event fills, such as `case_opened_v1`."""
    return name.replace("-", "_").replace(".", "_")


def told(published: PublishedEvent) -> tuple[str, dict[str, Any]]:
    """Return the name of an event, a service's own if it is one, with what its columns may be filled from."""
    event = msgspec.json.decode(published.data)
    own = dict.fromkeys(published.event.__struct_fields__) | event
    filed = {
        "position": published.position,
        "event_id": str(published.event_id),
        "authority": published.authority,
        "service": published.service,
        "channel": published.channel.value,
        "subject": str(published.subject) if published.subject else None,
    }
    fields = filed | event.get("stamp", {}) | own
    if isinstance(published.event, ServiceEventRecorded):
        return published.event.name, fields | event.get("facts", {})
    return published.tag, fields


def in_sql(value: Any) -> Any:  # noqa: ANN401  # whatever an event holds
    """Return a value as SQLite keeps it."""
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else value
