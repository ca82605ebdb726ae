import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection, OperationalError
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.publishing.published import PublishedEvent
from projections.engine.file import open_file, position_of
from projections.engine.folding import GapInFeed, fold
from projections.engine.items import FeedItem
from projections.engine.store import ViewStore
from projections.engine.view import View

if TYPE_CHECKING:
    from tests.engine.conftest import Memory

everywhere = pytest.mark.parametrize("place", ["files", "postgresql"], indirect=True)

SLOWLY = """
import sys
from pathlib import Path
from ledger.publishing.published import PublishedEvent
from ledger.domain.vocabulary import Channel
from projections.engine.store import ViewStore
from projections.engine.view import View

schema = "CREATE TABLE IF NOT EXISTS seen (position INTEGER PRIMARY KEY)"
view = View(name="remembering", version=1, schema=schema, project=lambda db, event: db.execute(
    "INSERT INTO seen VALUES (?)", (event.position,)))
store = ViewStore(view, Path(sys.argv[1]))
while True:
    first = store.position() + 1
    store.apply([PublishedEvent(n, None, "", None, None, Channel.WEB, None, None, b"")
        for n in range(first, first + 50)])
    print(first, flush=True)
"""


@everywhere
def test_a_page_and_its_position_are_written_together(memory: "Memory", events: list[FeedItem]) -> None:
    reached = memory.store.apply(events[:7])

    assert reached == memory.store.position() == 7
    assert memory.seen() == list(range(1, 8))


@everywhere
def test_of_a_page_that_is_interrupted_nothing_is_written(
    keep: "Callable[[View], Memory]", events: list[FeedItem]
) -> None:
    def project(db: Connection, event: PublishedEvent) -> None:
        db.execute("INSERT INTO seen VALUES (?, NULL, '')", (event.position,))
        if event.position == 5:
            raise KeyboardInterrupt

    schema = "CREATE TABLE IF NOT EXISTS seen (position INTEGER PRIMARY KEY, case_id BLOB, tag TEXT)"
    memory = keep(View(name="interrupted", version=1, schema=schema, project=project))
    memory.fold(events[:3])

    with pytest.raises(KeyboardInterrupt):
        memory.store.apply(events[3:9])

    assert memory.store.position() == 3
    assert memory.seen() == [1, 2, 3]


@everywhere
def test_what_a_view_reflects_already_is_not_folded_again(memory: "Memory", events: list[FeedItem]) -> None:
    memory.fold(events[:20])

    assert memory.store.apply(events[5:15]) == 20
    assert memory.store.apply(events[15:25]) == 25
    assert memory.store.apply([]) == 25

    assert memory.seen() == list(range(1, 26))
    assert memory.counted() == 25


@pytest.mark.parametrize("chosen", [[4], [5, 6], [3, 5], [3, 4, 6], [3, 3, 5], [3, 5, 4], [4, 3]], ids=str)
def test_a_page_that_does_not_go_on_event_by_event_is_refused(
    memory: "Memory", events: list[FeedItem], chosen: list[int]
) -> None:
    memory.fold(events[:2])

    with pytest.raises(GapInFeed, match="remembering is at 2"):
        memory.store.apply([events[position - 1] for position in chosen])

    assert memory.store.position() == 2
    assert memory.seen() == [1, 2]


@everywhere
def test_a_page_of_a_filtered_stream_has_gaps_and_goes_on_where_it_was_asked_to(
    memory: "Memory", events: list[FeedItem]
) -> None:
    memory.store.apply([events[1], events[4]], after=0)
    memory.store.apply([events[4], events[8]], after=2)

    assert memory.store.position() == 9
    assert memory.seen() == [2, 5, 9]
    with pytest.raises(GapInFeed, match="remembering is at 9"):
        memory.store.apply([events[11]], after=10)
    assert memory.store.position() == 9


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pages=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=25))
def test_whatever_pages_are_offered_every_event_is_folded_once(
    new_view: Callable[[], View], events: list[FeedItem], pages: list[tuple[int, int]]
) -> None:
    view = new_view()
    with TemporaryDirectory() as directory, closing(open_file(Path(directory, "1-v1.db"), view)) as db:
        for first, length in (*pages, (0, 40)):
            if first <= position_of(db):
                fold(db, view, events[first : first + length])

        assert [row[0] for row in db.execute("SELECT position FROM seen")] == list(range(1, 41))
        assert db.execute("SELECT sum(events) FROM cases").fetchone() == (40,)


@pytest.mark.parametrize("seed", [3, 5])
def test_whenever_the_process_is_killed_rows_and_position_agree(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    counted = View(name="remembering", version=1, schema="", project=lambda _, __: None)
    reached = 0

    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", SLOWLY, str(tmp_path)], stdout=subprocess.PIPE)
        assert writer.stdout
        writer.stdout.readline()
        time.sleep(chance.uniform(0, 0.05))
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        store = ViewStore(counted, tmp_path)
        position = store.position()
        rows = store.open().execute("SELECT count(*), max(position) FROM seen").fetchone()
        store.close()

        assert rows == (position, position)
        assert position >= reached + 50
        reached = position


@everywhere
def test_two_writers_at_once_fold_every_event_once(
    memory: "Memory", keep: "Callable[[View], Memory]", events: list[FeedItem]
) -> None:
    other = keep(memory.view)

    for first in range(0, 40, 5):
        memory.store.apply(events[first : first + 5])
        other.store.apply(events[max(first - 5, 0) : first + 5])

    assert memory.seen() == list(range(1, 41))
    assert memory.counted() == 40


def test_a_full_disk_is_told_and_parks_nobody(memory: "Memory", events: list[FeedItem]) -> None:
    memory.fold(events[:5])
    db = memory.store.open()
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    large = View(
        name=memory.view.name,
        version=1,
        schema="",
        project=lambda db, event: db.execute("INSERT INTO seen VALUES (?, zeroblob(3000), '')", (event.position,)),
    )
    db.execute(f"PRAGMA max_page_count = {pages + 3}")

    with pytest.raises(OperationalError, match="full"):
        fold(db, large, events[5:])

    assert memory.store.position() == 5
    assert memory.store.parked() == []
    db.execute("PRAGMA max_page_count = 1000000")
    assert memory.fold(events) == 40
