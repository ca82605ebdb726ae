"""Folds a view again from the first event, beside the live one, then compares and swaps: readers never wait."""

import fcntl
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct

from projections.engine.file import open_file, parked_cases, position_of, table_digests, version_of
from projections.engine.folding import fold
from projections.engine.items import FeedItem
from projections.engine.store import ViewStore
from projections.engine.view import View

PAGE_SIZE = 5_000
Read = Callable[[int, int], list[FeedItem]]
Progress = Callable[[int, int], None]


class Rebuilt(Struct, frozen=True, kw_only=True):
    """What a rebuild did; `differing_tables` is empty when the live view was the very fold of its events."""

    view: str
    position: int
    seconds: float
    differing_tables: list[str]
    parked: int


class RebuildInterrupted(Exception):
    """The feed holds less than the live view reflects, or another rebuild came between; the live view stays."""


class _Rebuild(Struct):
    """The view that is rebuilt, and where its events come from."""

    view: View
    read: Read
    on_progress: Progress

    def fold_until(self, fresh: sqlite3.Connection, target: int) -> None:
        while (position := position_of(fresh)) < target:
            page = self.read(position, min(PAGE_SIZE, target - position))
            if not page:
                raise RebuildInterrupted(f"The feed ends at {position}, but {self.view.name} stands at {target}.")
            fold(fresh, self.view, page)
            self.on_progress(page[-1].position, target)

    def compare(self, fresh: sqlite3.Connection, live: sqlite3.Connection) -> list[str]:
        # One read transaction holds the live side still, so that both are compared at the same position.
        with _transaction(live, "DEFERRED"):
            self.fold_until(fresh, position_of(live))
            if version_of(live) != self.view.version:
                return []
            ours, theirs = table_digests(fresh), table_digests(live)
            return sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))

    def take_over(self, fresh: sqlite3.Connection, live: sqlite3.Connection, swap: Callable[[], None]) -> None:
        self.fold_until(fresh, position_of(live))
        # The live view's writer waits for a moment: no reader may see the position go back.
        with _transaction(live, "IMMEDIATE"):
            self.fold_until(fresh, position_of(live))
            swap()


def rebuild(view: View, directory: Path, read: Read, *, on_progress: Progress = lambda _, __: None) -> Rebuilt:
    """Rebuild one view from `read(after, limit)`, which returns events after a position.

    Raises:
        RebuildInterrupted: the feed ends before the live view's position, or another rebuild is under way.
    """
    store, work = ViewStore(view, directory), _Rebuild(view, read, on_progress)
    started = time.monotonic()
    with _alone(store), closing(store.open_live()) as live:
        previous, path = store.generation(), store.next_file()

        def swap() -> None:
            if store.generation() != previous:
                raise RebuildInterrupted(f"Another program replaced {view.name} meanwhile; nothing was changed.")
            store.point_to(path.name)

        with closing(open_file(path, view)) as fresh:
            work.fold_until(fresh, position_of(live))
            differing = work.compare(fresh, live)
            work.take_over(fresh, live, swap)
            store.drop_all_but((previous, path.name))
            return Rebuilt(
                view=view.name,
                position=position_of(fresh),
                seconds=round(time.monotonic() - started, 3),
                differing_tables=differing,
                parked=len(parked_cases(fresh)),
            )


@contextmanager
def _alone(store: ViewStore) -> Iterator[None]:
    """Keep other rebuilds of a view away, for as long as this process lives."""
    store.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (store.home / "rebuild.lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RebuildInterrupted(f"Another rebuild of {store.view.name} is under way.") from error
        yield


@contextmanager
def _transaction(database: sqlite3.Connection, kind: str) -> Iterator[None]:
    database.execute(f"BEGIN {kind}")
    try:
        yield
    finally:
        database.execute("ROLLBACK")
