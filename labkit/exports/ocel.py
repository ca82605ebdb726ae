"""OCEL 2.0 as JSON, made from the SQLite form object by object: every value is a text, as its schema asks."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from labkit.exports.ocel_sqlite import table_name, write_sqlite
from labkit.exports.reading import Recorded
from labkit.exports.telling import OBJECT_TYPES, Sort, Value, attribute_sorts
from ledger.domain.events import BY_TAG

_encode = msgspec.json.Encoder().encode


class _Typed(Struct, frozen=True):
    name: str
    type: Sort


class _Type(Struct, frozen=True):
    name: str
    attributes: list[_Typed]


class _Relationship(Struct, frozen=True, rename="camel"):
    object_id: str
    qualifier: str


class _Value(Struct, frozen=True, omit_defaults=True):
    name: str
    value: str
    time: str | None = None


class _Item(Struct, frozen=True, omit_defaults=True):
    """An event or an object; only events have a time of their own."""

    id: str
    type: str
    attributes: list[_Value]
    relationships: list[_Relationship]
    time: str | None = None


def write_json(events: Iterable[Recorded], file: Path) -> int:
    """Write events; return how many there were."""
    source = file.with_name("whole.sqlite")
    count = write_sqlite(events, source)
    with closing(sqlite3.connect(source)) as database, file.open("wb") as target:
        target.write(b"{")
        _array(target, "eventTypes", _types(database, "event"))
        target.write(b",\n")
        _array(target, "objectTypes", _types(database, "object"))
        target.write(b",\n")
        _array(target, "events", _events(database))
        target.write(b",\n")
        _array(target, "objects", _objects(database))
        target.write(b"}\n")
    return count


def _array(target: BinaryIO, name: str, items: Iterable[object]) -> None:
    target.write(b'"%s":[' % name.encode())
    target.writelines((b",\n" if rank else b"\n") + _encode(item) for rank, item in enumerate(items))
    target.write(b"]")


def _types(database: sqlite3.Connection, kind: str) -> Iterator[_Type]:
    for (name,) in database.execute(f"SELECT ocel_type FROM {kind}_map_type ORDER BY rowid"):  # noqa: S608  # two tables
        yield _Type(name, [_Typed(attribute, sort) for attribute, sort in _sorts(kind, name).items()])


def _events(database: sqlite3.Connection) -> Iterator[_Item]:
    for id_, type_ in database.execute("SELECT ocel_id, ocel_type FROM event ORDER BY rowid"):
        ((time, *values),) = _rows(database, "event", type_, id_)
        named = zip(_sorts("event", type_).items(), values, strict=True)
        attributes = [_Value(name, _text(value, sort)) for (name, sort), value in named if value is not None]
        yield _Item(id_, type_, attributes, _related(database, "event_object", "ocel_event_id", id_), str(time))


def _objects(database: sqlite3.Connection) -> Iterator[_Item]:
    for id_, type_ in database.execute("SELECT ocel_id, ocel_type FROM object ORDER BY rowid"):
        sorts = _sorts("object", type_)
        attributes = [
            _Value(name, _text(value, sort), str(time))
            for time, *values in _rows(database, "object", type_, id_)
            for (name, sort), value in zip(sorts.items(), values, strict=True)
            if value is not None
        ]
        yield _Item(id_, type_, attributes, _related(database, "object_object", "ocel_source_id", id_))


def _rows(database: sqlite3.Connection, kind: str, type_: str, id_: str) -> Iterator[tuple[Value | None, ...]]:
    columns = ", ".join(["ocel_time", *(f'"{name}"' for name in _sorts(kind, type_))])
    statement = f'SELECT {columns} FROM "{table_name(kind, type_)}" WHERE ocel_id = ? ORDER BY rowid'  # noqa: S608  # our own names
    return iter(database.execute(statement, (id_,)))


def _related(database: sqlite3.Connection, table: str, source: str, id_: str) -> list[_Relationship]:
    target = "ocel_object_id" if table == "event_object" else "ocel_target_id"
    rows = database.execute(f"SELECT {target}, ocel_qualifier FROM {table} WHERE {source} = ? ORDER BY rowid", (id_,))  # noqa: S608
    return [_Relationship(*row) for row in rows]


def _sorts(kind: str, type_: str) -> dict[str, Sort]:
    return attribute_sorts(BY_TAG[type_]) if kind == "event" else OBJECT_TYPES[type_]


def _text(value: Value, sort: Sort) -> str:
    return ("true" if value else "false") if sort == "boolean" else str(value)
