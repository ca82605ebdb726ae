"""The events and objects of an OCEL log in a database of our own, where those of one case are found together.

Whatever the form of the log, this one is the same; what the objects were in turn is laid over one another.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

Said = str | int | float | bool

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
BEGIN;
CREATE TABLE event(id TEXT PRIMARY KEY, type TEXT, time TEXT, attributes TEXT);
CREATE TABLE object(id TEXT PRIMARY KEY, type TEXT, attributes TEXT);
CREATE TABLE relation(object TEXT, event TEXT, PRIMARY KEY(object, event)) WITHOUT ROWID;
CREATE INDEX concerned ON relation(event);
"""
_HAPPENED = """
SELECT type, time, attributes,
    (SELECT agent.id FROM relation AS other JOIN object AS agent ON agent.id = other.object
     WHERE other.event = event.id AND agent.type = ? LIMIT 1)
FROM relation JOIN event ON event.id = relation.event WHERE relation.object = ? ORDER BY event.rowid
"""
_decode = msgspec.json.Decoder(dict[str, Said]).decode


class Happened(Struct, frozen=True):
    """One event of a case, in the log's own words."""

    type: str
    time: str
    attributes: dict[str, Said]
    agent: str | None


class Spool:
    """What was read of a log so far."""

    def __init__(self, file: Path) -> None:
        """Begin with nothing."""
        self._database = sqlite3.connect(file, isolation_level=None)
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Let the file go."""
        self._database.close()

    def add_event(self, id_: str, type_: str) -> None:
        """Add an event; the first of an identifier counts."""
        self._database.execute("INSERT OR IGNORE INTO event VALUES(?, ?, '', '{}')", (id_, type_))

    def say_of_event(self, id_: str, time: str, attributes: dict[str, Said]) -> None:
        """Say when an event took place, and what is known of it."""
        self._database.execute("UPDATE event SET time = ?, attributes = ? WHERE id = ?", (time, _text(attributes), id_))

    def add_object(self, id_: str, type_: str) -> None:
        """Add an object; the first of an identifier counts."""
        self._database.execute("INSERT OR IGNORE INTO object VALUES(?, ?, '{}')", (id_, type_))

    def say_of_object(self, id_: str, attributes: dict[str, Said]) -> None:
        """Lay what an object became over what it was."""
        if attributes:
            self._database.execute(
                "UPDATE object SET attributes = json_patch(attributes, ?) WHERE id = ?", (_text(attributes), id_)
            )

    def relate(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Say which events concern which objects."""
        self._database.executemany("INSERT OR IGNORE INTO relation(event, object) VALUES(?, ?)", pairs)

    def cases(self, type_: str) -> Iterator[tuple[str, dict[str, Said]]]:
        """Yield the objects of a type, in the order of the log."""
        rows = self._database.execute("SELECT id, attributes FROM object WHERE type = ? ORDER BY rowid", (type_,))
        for id_, attributes in rows:
            yield id_, _decode(attributes)

    def happened(self, case: str, *, agent: str) -> Iterator[Happened]:
        """Yield the events that concern an object, in the order of the log, each with the agent it concerns too."""
        for type_, time, attributes, by in self._database.execute(_HAPPENED, (agent, case)):
            yield Happened(type_, time, _decode(attributes), by)

    def types(self) -> list[str]:
        """Return the types of the objects."""
        return [type_ for (type_,) in self._database.execute("SELECT DISTINCT type FROM object ORDER BY type LIMIT 50")]


def _text(attributes: dict[str, Said]) -> str:
    return msgspec.json.encode(attributes).decode()
