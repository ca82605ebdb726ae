import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ledger.publishing.feed import LogFeed
from ledger.publishing.published import PublishedEvent
from projections.engine.file import open_file
from projections.engine.folding import fold
from projections.engine.items import FeedItem
from projections.engine.rebuild import RebuildInterrupted, rebuild
from projections.engine.store import ViewStore
from projections.engine.view import View

if TYPE_CHECKING:
    from tests.conftest import MemoryLog
    from tests.engine.conftest import Memory

everywhere = pytest.mark.parametrize("place", ["files", "postgresql"], indirect=True)

Keep = Callable[[View], "Memory"]
NewView = Callable[..., View]
HALF_WAY = """
import sys, time
from pathlib import Path
from ledger.domain.vocabulary import Channel
from ledger.publishing.published import PublishedEvent
from projections.engine import rebuild
from projections.engine.view import View

def read(after, limit):
    if after:
        print("half-way", flush=True)
        time.sleep(60)
    return [PublishedEvent(n, None, "", None, None, Channel.WEB, None, None, b"") for n in range(1, 11)]

schema = "CREATE TABLE IF NOT EXISTS seen (position INTEGER PRIMARY KEY, case_id BLOB, tag TEXT)"
view = View(name="remembering", version=1, schema=schema, project=lambda db, event: db.execute(
    "INSERT INTO seen VALUES (?, NULL, '')", (event.position,)))
rebuild.rebuild(view, Path(sys.argv[1]), read)
"""


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.engine.rebuild.PAGE_SIZE", 10)


def test_a_rebuilt_view_is_the_live_one(memory: "Memory", log: "MemoryLog", events: list[FeedItem]) -> None:
    memory.fold(events)

    rebuilt = rebuild(memory.view, memory.place, LogFeed(log).read)

    assert (rebuilt.view, rebuilt.position, rebuilt.differing_tables, rebuilt.parked) == ("remembering", 40, [], 0)
    assert memory.store.generation() == "2-v1.db"
    assert memory.seen() == list(range(1, 41))


@pytest.mark.parametrize(
    ("damage", "table"),
    [
        ("UPDATE cases SET events = events + 1 WHERE rowid_is(1)", "cases"),
        ("DELETE FROM seen WHERE position = 17", "seen"),
        ("UPDATE seen SET tag = 'case-closed.v1' WHERE position = 17", "seen"),
        ("UPDATE seen SET case_id = NULL WHERE position = 17", "seen"),
        ("CREATE TABLE uninvited (guest TEXT)", "uninvited"),
    ],
)
def test_a_difference_is_found_and_mended(
    memory: "Memory", log: "MemoryLog", events: list[FeedItem], damage: str, table: str
) -> None:
    memory.fold(events)
    memory.store.open().execute(damage.replace("rowid_is(1)", "case_id = (SELECT max(case_id) FROM cases)"))

    rebuilt = rebuild(memory.view, memory.place, LogFeed(log).read)

    assert rebuilt.differing_tables == [table]
    assert rebuild(memory.view, memory.place, LogFeed(log).read).differing_tables == []


def test_the_progress_of_a_rebuild_is_told(memory: "Memory", log: "MemoryLog", events: list[FeedItem]) -> None:
    memory.fold(events[:25])
    told: list[tuple[int, int]] = []

    rebuild(memory.view, memory.place, LogFeed(log).read, on_progress=lambda *reached: told.append(reached))

    assert told == [(10, 25), (20, 25), (25, 25)]


@pytest.mark.parametrize(("place", "count"), [("files", 4_000), ("postgresql", 600)], indirect=["place"])
def test_a_view_is_rebuilt_while_it_is_folded_and_no_reader_sees_it_go_back(
    memory: "Memory", log: "MemoryLog", count: int
) -> None:
    log.record(count)
    memory.store.apply(LogFeed(log).read(0, 100))
    positions, done = [0], threading.Event()

    def fold_on() -> None:
        for first in range(100, count, 25):
            memory.store.apply(LogFeed(log).read(first, 25))
        done.set()

    def look() -> None:
        with closing(ViewStore(memory.view, memory.place, reading=True)) as reader:
            while not done.is_set():
                positions.append(reader.position())

    others = [threading.Thread(target=fold_on), threading.Thread(target=look)]
    for other in others:
        other.start()
    results = []
    while not done.is_set():
        results.append(rebuild(memory.view, memory.place, LogFeed(log).read))
    for other in others:
        other.join()

    assert all(result.differing_tables == [] for result in results)
    assert positions == sorted(positions)
    assert memory.seen() == list(range(1, count + 1))
    assert memory.counted() == count


def test_a_page_folded_while_the_pointer_moves_is_folded_where_it_points(
    memory: "Memory", keep: Keep, log: "MemoryLog", events: list[FeedItem]
) -> None:
    memory.fold(events[:20])
    with closing(open_file(memory.store.home / "2-v1.db", memory.view)) as fresh:
        fold(fresh, memory.view, events[:20])

    def project(db: Connection, event: PublishedEvent) -> None:
        memory.view.project(db, event)
        memory.store.point_to("2-v1.db")

    writer = keep(replace(memory.view, project=project))

    assert writer.store.apply(events[20:30]) == 30
    assert memory.seen() == list(range(1, 31))


def test_a_rebuild_killed_half_way_leaves_the_live_view_as_it_was(
    memory: "Memory", log: "MemoryLog", events: list[FeedItem]
) -> None:
    memory.fold(events)
    program = [sys.executable, "-c", HALF_WAY, str(memory.place)]
    rebuilding = subprocess.Popen(program, stdout=subprocess.PIPE)
    assert rebuilding.stdout
    rebuilding.stdout.readline()
    rebuilding.send_signal(signal.SIGKILL)
    rebuilding.communicate()

    assert memory.store.generation() == "1-v1.db"
    assert memory.seen() == list(range(1, 41))
    assert (memory.store.home / "2-v1.db").exists()
    assert rebuild(memory.view, memory.place, LogFeed(log).read).differing_tables == []
    assert memory.seen() == list(range(1, 41))


@everywhere
def test_a_feed_that_ends_too_early_leaves_the_live_view_as_it_was(
    memory: "Memory", log: "MemoryLog", events: list[FeedItem]
) -> None:
    memory.fold(events)
    log.events, generation = log.events[:33], memory.store.generation()

    with pytest.raises(RebuildInterrupted, match="ends at 33, but remembering stands at 40"):
        rebuild(memory.view, memory.place, LogFeed(log).read)

    assert memory.store.generation() == generation
    assert memory.seen() == list(range(1, 41))


@everywhere
def test_two_rebuilds_of_a_view_do_not_meet(memory: "Memory", log: "MemoryLog", events: list[FeedItem]) -> None:
    memory.fold(events)

    def read(after: int, limit: int) -> list[FeedItem]:
        with pytest.raises(RebuildInterrupted, match="Another rebuild of remembering is under way"):
            rebuild(memory.view, memory.place, LogFeed(log).read)
        return LogFeed(log).read(after, limit)

    assert rebuild(memory.view, memory.place, read).differing_tables == []
    assert memory.seen() == list(range(1, 41))


@everywhere
def test_a_new_version_started_during_a_rebuild_is_not_replaced_by_it(
    memory: "Memory", keep: Keep, new_view: NewView, log: "MemoryLog", events: list[FeedItem]
) -> None:
    memory.fold(events)
    newer = keep(new_view(version=2))

    def read(after: int, limit: int) -> list[FeedItem]:
        newer.fold(events)
        return LogFeed(log).read(after, limit)

    with pytest.raises(RebuildInterrupted, match="Another program replaced remembering"):
        rebuild(memory.view, memory.place, read)

    assert newer.seen() == list(range(1, 41))


def test_a_new_version_is_rebuilt_beside_the_old_one_which_is_read_until_then(
    memory: "Memory", keep: Keep, new_view: NewView, log: "MemoryLog", events: list[FeedItem]
) -> None:
    memory.fold(events)
    newer = keep(new_view(version=2))
    seen_meanwhile: list[int] = []

    def read(after: int, limit: int) -> list[FeedItem]:
        seen_meanwhile.append(len(memory.seen()))
        return LogFeed(log).read(after, limit)

    rebuilt = rebuild(newer.view, newer.place, read)

    assert set(seen_meanwhile) == {40}
    assert (rebuilt.position, rebuilt.differing_tables) == (40, [])
    assert newer.store.generation() == "2-v2.db"
    assert newer.fold(events) == 40


@everywhere
def test_an_open_reader_follows_a_rebuild(
    memory: "Memory", keep: Keep, new_view: NewView, log: "MemoryLog", events: list[FeedItem]
) -> None:
    memory.fold(events)
    memory.store.open().execute("DELETE FROM seen WHERE position = 17")
    with closing(ViewStore(memory.view, memory.place, reading=True)) as reader:
        assert reader.open().execute("SELECT count(*) FROM seen").fetchone() == (39,)

        rebuild(memory.view, memory.place, LogFeed(log).read)

        assert reader.open().execute("SELECT count(*) FROM seen").fetchone() == (40,)


@everywhere
def test_the_writer_goes_on_in_the_rebuilt_generation(
    memory: "Memory", log: "MemoryLog", events: list[FeedItem]
) -> None:
    memory.fold(events[:20])
    rebuild(memory.view, memory.place, LogFeed(log).read)

    assert memory.fold(events) == 40

    assert memory.seen() == list(range(1, 41))


@everywhere
def test_a_view_that_nobody_folded_yet_is_rebuilt_empty(memory: "Memory", tmp_path: Path, log: "MemoryLog") -> None:
    rebuilt = rebuild(memory.view, memory.place, LogFeed(log).read)

    assert (rebuilt.position, rebuilt.differing_tables) == (0, [])
