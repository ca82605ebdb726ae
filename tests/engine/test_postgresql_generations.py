"""Generations of a view as schemas of a PostgreSQL database, whatever becomes of it meanwhile."""

import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from msgspec.structs import replace

from ledger.publishing.feed import LogFeed
from ledger.publishing.published import PublishedEvent
from projections.engine.items import FeedItem
from projections.engine.place import DriverMissing, Server, ViewsUnreachable
from projections.engine.postgresql_dialect import parameters, schema, statement
from projections.engine.rebuild import rebuild
from projections.engine.store import ViewStore
from projections.engine.view import View

if TYPE_CHECKING:
    from tests.conftest import MemoryLog
    from tests.engine.conftest import Memory

Keep = Callable[[View], "Memory"]
NewView = Callable[..., View]
END_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'collectivilab views'"


@pytest.fixture
def place(view_database: Server) -> Server:
    """Everything here is kept in a database."""
    return view_database


def schemas(server: Server) -> list[str]:
    """The generations of the view of these tests."""
    with psycopg.connect(server.url) as connection:
        found = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, current_schema() || '_view_') ORDER BY 1"
        )
        return [name.partition("_view_")[2] for (name,) in found]


def test_a_reader_cannot_write(memory: "Memory", events: list[FeedItem]) -> None:
    memory.fold(events)

    with closing(ViewStore(memory.view, memory.place, reading=True)) as reader:
        with pytest.raises(ViewsUnreachable, match="25006"):
            reader.open().execute("DELETE FROM seen")
        assert reader.open().execute("SELECT count(*) FROM seen").fetchone() == (40,)


def test_many_may_be_the_first_to_open_a_view(view_database: Server, new_view: NewView) -> None:
    view, gate, positions = new_view(), threading.Barrier(6), list[int]()

    def open_it(*, reading: bool) -> None:
        with closing(ViewStore(view, view_database, reading=reading)) as store:
            gate.wait()
            positions.append(store.position())

    openers = [threading.Thread(target=open_it, kwargs={"reading": opener % 2}) for opener in range(6)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()

    assert positions == [0] * 6
    assert schemas(view_database) == ["remembering_1_v1"]


def test_a_new_version_has_a_schema_of_its_own_and_only_two_generations_are_kept(
    keep: Keep, new_view: NewView, log: "MemoryLog", events: list[FeedItem], view_database: Server
) -> None:
    keep(new_view()).fold(events)
    keep(new_view(name="remembering_more")).fold(events)
    newer = keep(new_view(version=2))

    assert newer.store.position() == 0
    newer.fold(events)
    assert schemas(view_database) == ["remembering_1_v1", "remembering_2_v2", "remembering_more_1_v1"]

    rebuild(newer.view, newer.place, LogFeed(log).read)
    assert schemas(view_database) == ["remembering_2_v2", "remembering_3_v2", "remembering_more_1_v1"]


def test_a_connection_that_is_lost_parks_nobody_and_is_made_again(
    memory: "Memory", keep: Keep, events: list[FeedItem], view_database: Server
) -> None:
    memory.fold(events[:10])

    def project(db: sqlite3.Connection, event: PublishedEvent) -> None:
        memory.view.project(db, event)
        if event.position == 15:
            with psycopg.connect(view_database.url, autocommit=True) as connection:
                connection.execute(END_OTHERS)

    cut_off = keep(replace(memory.view, project=project))
    with pytest.raises(ViewsUnreachable, match=r"57P01|no connection"):
        cut_off.store.apply(events[10:20])
    with pytest.raises(ViewsUnreachable):
        memory.store.position()

    assert memory.store.parked() == []
    assert memory.fold(events) == 40
    assert memory.seen() == list(range(1, 41))


def test_what_the_server_refuses_at_the_end_is_not_taken_for_committed(
    keep: Keep, new_view: NewView, events: list[FeedItem]
) -> None:
    """A constraint that is checked at the commit only."""
    deferred = "CREATE TABLE IF NOT EXISTS seen (position INTEGER UNIQUE DEFERRABLE INITIALLY DEFERRED)"

    def project(db: sqlite3.Connection, _: PublishedEvent) -> None:
        db.execute("INSERT INTO seen VALUES (1)")

    memory = keep(replace(new_view(schema=deferred), project=project))

    with pytest.raises(psycopg.errors.UniqueViolation):
        memory.store.apply(events[:2])
    assert memory.store.position() == 0


def test_a_name_too_long_for_a_schema_is_told(view_database: Server, new_view: NewView) -> None:
    with (
        closing(ViewStore(new_view(name="v" * 60), view_database)) as store,
        pytest.raises(ValueError, match="shorter"),
    ):
        store.position()


def test_a_server_that_does_not_answer_is_told_without_its_address(new_view: NewView) -> None:
    server = Server("postgresql://u:secret@127.0.0.1:1/none")

    with closing(ViewStore(new_view(), server)) as store, pytest.raises(ViewsUnreachable) as told:
        store.position()

    assert "secret" not in f"{told.value} {server!r}"


def test_a_driver_that_is_missing_is_told(
    view_database: Server, new_view: NewView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "projections.engine.postgresql_generations", None)

    with pytest.raises(DriverMissing, match=r"collectivilab\[postgresql\]"):
        ViewStore(new_view(), view_database)


def test_marks_of_parameters_are_translated_and_texts_left_alone() -> None:
    assert statement("SELECT ?, '?:a%' WHERE a::text LIKE ? AND b % 2") == (
        "SELECT %s, '?:a%%' WHERE a::text LIKE %s AND b %% 2"
    )
    text = statement("VALUES (?1, ?2, ?1)")
    assert text == "VALUES (%(_1)s, %(_2)s, %(_1)s)"
    assert parameters((5, 6), text) == {"_1": 5, "_2": 6}
    assert statement("LIMIT :count") == "LIMIT %(count)s"
    assert parameters({"count": 5}, "LIMIT %(count)s") == {"count": 5}


def test_types_are_translated() -> None:
    made = schema(
        "CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB, c TEXT, d REAL, e INTEGER AS (a) VIRTUAL) WITHOUT ROWID"
    )

    assert made == (
        'CREATE TABLE t (a bigint PRIMARY KEY, b bytea, c text COLLATE "C", d double precision, '
        "e bigint AS (a) STORED) "
    )
