"""A view that remembers what it was given, in several tempers, and the events to give it."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from ledger.publishing.feed import LogFeed
from ledger.publishing.published import PublishedEvent
from projections.engine.items import FeedItem
from projections.engine.place import Place, Server
from projections.engine.store import ViewStore
from projections.engine.view import View
from tests.store.conftest import postgresql_url

if TYPE_CHECKING:
    from tests.conftest import MemoryLog

__all__ = ["postgresql_url"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (position INTEGER PRIMARY KEY, case_id BLOB, tag TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cases (case_id BLOB PRIMARY KEY, events INTEGER NOT NULL) WITHOUT ROWID;
"""


class Indigestion(Exception):
    """What the view of a test feels at some events."""


def a_view(refuses: Collection[int] = (), version: int = 1, schema: str = SCHEMA, name: str = "remembering") -> View:
    """A view that writes down every event, and cannot digest those at some positions."""

    def project(db: Connection, event: PublishedEvent) -> None:
        case_id = event.subject.bytes if event.subject else None
        db.execute("INSERT INTO seen VALUES (?, ?, ?)", (event.position, case_id, event.tag))
        if event.position in refuses:
            raise Indigestion(f"event {event.position}")
        db.execute(
            "INSERT INTO cases VALUES (?, 1) ON CONFLICT (case_id) DO UPDATE SET events = cases.events + 1", (case_id,)
        )

    return View(name=name, version=version, schema=schema, project=project)


class Memory:
    """A view, where it is kept, and what it remembers."""

    def __init__(self, view: View, place: Place) -> None:
        self.view = view
        self.place = place
        self.store = ViewStore(view, place)

    def fold(self, events: list[FeedItem], page: int = 7) -> int:
        """Fold events in pages of a size; return the position reached."""
        for first in range(0, len(events), page):
            self.store.apply(events[first : first + page])
        return self.store.position()

    def seen(self) -> list[int]:
        """The positions of the events that were folded, as somebody who only reads finds them."""
        reader = ViewStore(self.view, self.place, reading=True)
        found = [row[0] for row in reader.open().execute("SELECT position FROM seen ORDER BY position")]
        reader.close()
        return found

    def counted(self) -> int:
        """How many events were counted, whatever their case."""
        found: int = self.store.open().execute("SELECT coalesce(sum(events), 0) FROM cases").fetchone()[0]
        return found


@pytest.fixture(scope="session")
def new_view() -> Callable[..., View]:
    """Make a view that remembers, of some temper."""
    return a_view


@pytest.fixture
def view_database(postgresql_url: str) -> Iterator[Server]:
    """A PostgreSQL database in which nothing is kept yet."""
    schema = f"t{uuid4().hex[:12]}"
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        yield Server(f"{postgresql_url}&options=-csearch_path%3D{schema}")
        made = connection.execute("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)", (schema,))
        for (name,) in made.fetchall():
            connection.execute(f'DROP SCHEMA "{name}" CASCADE')


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where the views of the test are kept: in files, if it does not ask for a database too."""
    if getattr(request, "param", "files") == "files":
        return tmp_path / "views"
    database: Server = request.getfixturevalue("view_database")
    return database


@pytest.fixture
def keep(place: Place) -> Iterator[Callable[..., Memory]]:
    """Keep a view where the test keeps its views."""
    kept: list[Memory] = []

    def keep_one(view: View) -> Memory:
        kept.append(Memory(view, place))
        return kept[-1]

    yield keep_one
    for memory in kept:
        memory.store.close()


@pytest.fixture
def memory(keep: Callable[..., Memory]) -> Memory:
    """A view that digests everything."""
    return keep(a_view())


@pytest.fixture
def events(log: "MemoryLog") -> list[FeedItem]:
    """Forty events of ten cases."""
    log.record(40)
    return LogFeed(log).read(0, 40)
