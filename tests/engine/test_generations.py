import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.publishing.feed import LogFeed
from projections.engine.items import FeedItem
from projections.engine.rebuild import rebuild
from projections.engine.store import ViewStore
from projections.engine.view import View

if TYPE_CHECKING:
    from tests.conftest import MemoryLog
    from tests.engine.conftest import Memory

everywhere = pytest.mark.parametrize("place", ["files", "postgresql"], indirect=True)

Keep = Callable[[View], "Memory"]
NewView = Callable[..., View]
WITH_AN_INDEX_ON_A_NEW_COLUMN = """
CREATE TABLE IF NOT EXISTS seen (position INTEGER PRIMARY KEY, case_id BLOB, tag TEXT NOT NULL, read_at INTEGER);
CREATE INDEX IF NOT EXISTS seen_by_reading ON seen (read_at);
"""


def test_a_view_that_nobody_folded_yet_is_empty_to_its_readers(tmp_path: Path, new_view: NewView) -> None:
    reader = ViewStore(new_view(), tmp_path, reading=True)

    assert reader.position() == 0
    assert reader.open().execute("SELECT count(*) FROM cases").fetchone() == (0,)
    reader.close()


@everywhere
def test_a_reader_sees_what_is_folded_after_it_opened(memory: "Memory", events: list[FeedItem]) -> None:
    memory.store.position()
    reader = ViewStore(memory.view, memory.place, reading=True)
    reader.position()

    memory.fold(events)

    assert reader.position() == 40
    reader.close()


def test_a_reader_cannot_write(memory: "Memory", events: list[FeedItem]) -> None:
    memory.fold(events)
    reader = ViewStore(memory.view, memory.place, reading=True)

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.open().execute("DELETE FROM seen")

    reader.close()


@pytest.mark.parametrize("rank", range(5))
def test_many_may_be_the_first_to_open_a_view(tmp_path: Path, new_view: NewView, rank: int) -> None:
    view, gate, positions = new_view(), threading.Barrier(8), list[int]()

    def open_it(*, reading: bool) -> None:
        store = ViewStore(view, tmp_path, reading=reading)
        gate.wait()
        positions.append(store.position())
        store.close()

    openers = [threading.Thread(target=open_it, kwargs={"reading": opener != rank}) for opener in range(8)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()

    assert positions == [0] * 8
    assert [path.name for path in (tmp_path / view.name).glob("current*")] == ["current"]


@pytest.mark.parametrize("schema", [None, WITH_AN_INDEX_ON_A_NEW_COLUMN], ids=["the same tables", "other tables"])
def test_a_new_version_of_a_view_is_folded_anew_in_a_generation_of_its_own(
    keep: Keep, new_view: NewView, events: list[FeedItem], schema: str | None
) -> None:
    old = keep(new_view())
    old.fold(events)
    new = keep(
        new_view(version=2, **({"schema": schema + "CREATE TABLE IF NOT EXISTS cases (case_id)"} if schema else {}))
    )

    assert new.store.position() == 0

    assert new.store.generation() == "2-v2.db"
    assert (new.store.home / "1-v1.db").exists()


@everywhere
def test_a_new_version_reaches_its_readers(keep: Keep, new_view: NewView, events: list[FeedItem]) -> None:
    old = keep(new_view(refuses={3}))
    old.fold(events)
    reader = ViewStore(old.view, old.place, reading=True)
    assert reader.open().execute("SELECT count(*) FROM seen").fetchone() == (36,)

    new = keep(new_view(version=2))
    new.fold(events)

    assert reader.open().execute("SELECT count(*) FROM seen").fetchone() == (40,)
    reader.close()


def test_the_version_of_before_can_come_back(keep: Keep, new_view: NewView, events: list[FeedItem]) -> None:
    keep(new_view()).fold(events)
    keep(new_view(version=2)).fold(events)

    again = keep(new_view())

    assert again.fold(events) == 40
    assert again.store.generation() == "3-v1.db"


def test_only_the_live_generation_and_the_one_before_it_are_kept(
    memory: "Memory", log: "MemoryLog", events: list[FeedItem]
) -> None:
    memory.fold(events)

    for _ in range(3):
        rebuild(memory.view, memory.place, LogFeed(log).read)

    assert sorted(path.name for path in memory.store.home.glob("*.db")) == ["3-v1.db", "4-v1.db"]
    assert memory.store.generation() == "4-v1.db"
    assert not list(memory.store.home.glob("[12]-*"))
