"""XES 1.0 (IEEE 1849), plain or gzipped: a case is a trace, a step is an event, as `labkit import xes` reads it.

A log has its events by case, the ledger by time: a database beside the file puts them in order, so that
memory holds one event whatever the size of the ledger.
"""

import gzip
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Literal
from uuid import UUID
from xml.sax.saxutils import quoteattr

import msgspec

from labkit.exports.reading import Recorded
from labkit.imports.mapping import Mapping, read_mapping
from ledger.domain.events import (
    CaseAssigned,
    CaseClosed,
    CaseEvent,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    ServiceEventRecorded,
    StepRecorded,
    tag_of,
)

Chosen = Literal["steps", "all"]
GZIP_LEVEL = 6
_EPOCH = datetime.fromtimestamp(0, UTC)
_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
BEGIN;
CREATE TABLE trace(id INTEGER PRIMARY KEY, case_id BLOB UNIQUE, name TEXT UNIQUE, attributes TEXT);
CREATE TABLE event(
    trace INTEGER, occurred_us INTEGER, position INTEGER, line TEXT,
    PRIMARY KEY(trace, occurred_us, position)
) WITHOUT ROWID;
"""
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Identity" prefix="identity" uri="http://www.xes-standard.org/identity.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<classifier name="Activity" keys="concept:name"/>
<classifier name="Resource" keys="org:resource"/>
"""
# XML 1.0 has no way to write these, not even escaped.
_UNWRITABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], "\N{REPLACEMENT CHARACTER}")


def write_xes(events: Iterable[Recorded], file: Path, *, source: str, chosen: Chosen = "steps") -> int:
    """Write a log whose name is the ledger's address; return how many events it holds."""
    with closing(sqlite3.connect(file.with_name("whole.sqlite"), isolation_level=None)) as database:
        database.executescript(_SCHEMA)
        spool = _Spool(database, read_mapping(), chosen)
        for recorded in events:
            if isinstance(recorded.event, CaseEvent):
                spool.add(recorded.logged.position, recorded.event)
        database.execute("COMMIT")
        with _opened(file) as target:
            target.write((_HEAD + _line("string", "concept:name", source)).encode())
            for line in _traces(database):
                target.write(line.encode())
            target.write(b"</log>\n")
        count: int = database.execute("SELECT COUNT(*) FROM event").fetchone()[0]
        return count


class _Spool:
    """Files the events of each case together, and keeps what a case is now."""

    def __init__(self, database: sqlite3.Connection, mapping: Mapping, chosen: Chosen) -> None:
        self._database = database
        self._mapping = mapping
        self._chosen = chosen

    def add(self, position: int, event: CaseEvent) -> None:
        if isinstance(event, CaseOpened):
            self._open(event)
        elif changed := self._changed(event):
            self._database.execute(
                "UPDATE trace SET attributes = json_patch(attributes, ?) WHERE case_id = ?",
                (msgspec.json.encode(changed).decode(), event.case_id.bytes),
            )
        if self._chosen == "all" or isinstance(event, StepRecorded):
            occurred_us = (event.occurred_at - _EPOCH) // timedelta(microseconds=1)
            self._database.execute(
                "INSERT INTO event SELECT id, ?, ?, ? FROM trace WHERE case_id = ?",
                (occurred_us, position, _event(event, self._mapping), event.case_id.bytes),
            )

    def _open(self, event: CaseOpened) -> None:
        keys = self._mapping.trace
        attributes = {
            "authority": event.authority,
            "service": event.service,
            keys.channel: event.channel,
            keys.unit: event.unit,
            keys.deadline: event.deadline,
            keys.opened_at: event.occurred_at,
        }
        told = msgspec.json.encode({key: value for key, value in attributes.items() if value is not None}).decode()
        # Tools tell traces apart by their names: a reference belongs to the first case that has it.
        for name in filter(None, (event.reference, str(event.case_id))):
            row = (event.case_id.bytes, name, told)
            statement = "INSERT OR IGNORE INTO trace(case_id, name, attributes) VALUES(?, ?, ?)"
            if self._database.execute(statement, row).rowcount:
                return

    def _changed(self, event: CaseEvent) -> dict[str, object]:
        keys = self._mapping.trace
        match event:
            case CaseAssigned() if event.unit:
                return {keys.unit: event.unit}
            case CaseHandedOver():
                return {"authority": event.to_authority, keys.unit: event.to_unit}
            case CaseClosed():
                return {keys.closed_at: event.occurred_at}
            case CaseReopened():
                return {keys.closed_at: None}
        return {}


def _traces(database: sqlite3.Connection) -> Iterator[str]:
    keys = read_mapping().trace
    dated = {keys.deadline, keys.opened_at, keys.closed_at}
    traces = database.execute("SELECT id, case_id, name, attributes FROM trace ORDER BY id")
    for trace, case_id, name, attributes in traces:
        yield "<trace>\n" + _line("string", "concept:name", name)
        yield _line("id", "identity:id", UUID(bytes=case_id))
        lines = database.execute("SELECT line FROM event WHERE trace = ? ORDER BY occurred_us, position", (trace,))
        first = next(lines, None)
        for key, value in msgspec.json.decode(attributes, type=dict[str, str]).items():
            # Otherwise the first event says when the case began, as it does for the import.
            if key != keys.opened_at or first is None:
                yield _line("date" if key in dated else "string", key, value)
        if first is not None:
            yield first[0]
            yield from (line for (line,) in lines)
        yield "</trace>\n"


def _event(event: CaseEvent, mapping: Mapping) -> str:
    keys = mapping.event
    # Who did a step is said by the step or by nobody; anything else was done by whoever recorded it.
    agent = getattr(event, "agent", None) or ("" if isinstance(event, StepRecorded) else event.stamp.by)
    unit = getattr(event, "unit", None)
    return "".join(
        (
            "<event>\n",
            _line("string", keys.activity, _activity(event)),
            _line("string", "lifecycle:transition", "complete"),
            _line("date", keys.occurred_at, event.occurred_at.isoformat()),
            _line("string", keys.agent, agent) if agent else "",
            _line("string", keys.unit, unit) if unit else "",
            "</event>\n",
        )
    )


def _activity(event: CaseEvent) -> str:
    match event:
        case StepRecorded():
            return event.activity
        case ServiceEventRecorded():
            return event.name
    return tag_of(event)


def _line(kind: str, key: str, value: object) -> str:
    return f"<{kind} key={quoteattr(key)} value={quoteattr(str(value).translate(_UNWRITABLE))}/>\n"


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO | gzip.GzipFile]:
    with file.open("wb") as target:
        if file.suffix != ".gz":
            yield target
            return
        with gzip.GzipFile(filename="", mode="wb", fileobj=target, mtime=0, compresslevel=GZIP_LEVEL) as zipped:
            yield zipped
