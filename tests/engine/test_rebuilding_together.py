"""Several views made anew in one pass over the events, and what is left for the end."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ledger.publishing.feed import LogFeed
from projections.engine.items import FeedItem
from projections.engine.rebuild import rebuild, rebuild_together
from projections.engine.view import View

if TYPE_CHECKING:
    from tests.conftest import MemoryLog
    from tests.engine.conftest import Memory

Keep = Callable[[View], "Memory"]
NewView = Callable[..., View]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.engine.rebuild.PAGE_SIZE", 10)


def test_views_that_are_rebuilt_together_read_each_page_once(keep: Keep, new_view: NewView, log: "MemoryLog") -> None:
    log.record(40)
    memories = [keep(new_view(name=name)) for name in ("one", "other")]
    for memory in memories:
        memory.fold(LogFeed(log).read(0, 40))
    log.reads = 0

    done = rebuild_together([memory.view for memory in memories], memories[0].place, LogFeed(log).read)

    assert [(told.view, told.position, told.differing_tables) for told in done] == [("one", 40, []), ("other", 40, [])]
    assert log.reads == 4


def test_what_cannot_be_compared_is_folded_to_the_end_of_the_feed(memory: "Memory", log: "MemoryLog") -> None:
    log.record(40)

    (done,) = rebuild_together([memory.view], memory.place, LogFeed(log).read, until=40)

    assert (done.position, done.differing_tables) == (40, [])
    assert memory.seen() == list(range(1, 41))


def test_a_rebuilt_view_has_the_indexes_that_its_readers_need(
    keep: Keep, new_view: NewView, log: "MemoryLog", events: list[FeedItem]
) -> None:
    tags = "CREATE INDEX IF NOT EXISTS seen_by_tag ON seen (tag);"
    plain = new_view()
    memory = keep(replace(plain, schema=plain.schema + tags, indexes=tags))
    memory.fold(events)

    assert rebuild(memory.view, memory.place, LogFeed(log).read).differing_tables == []

    found = memory.store.open().execute("SELECT name FROM sqlite_schema WHERE name = 'seen_by_tag'").fetchall()
    assert found == [("seen_by_tag",)]
    assert memory.store.open().execute("PRAGMA journal_mode").fetchone() == ("wal",)
