"""Folds a view again from the first event, beside the live one, then compares and swaps: readers never wait."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

from msgspec import Struct

from projections.engine.comparing import differing_tables
from projections.engine.epochs import epochs_of, keep
from projections.engine.file import parked_cases, position_of, version_of
from projections.engine.folding import fold
from projections.engine.fresh import hurry, settle
from projections.engine.items import Batch, FeedItem
from projections.engine.place import Place
from projections.engine.store import ViewStore
from projections.engine.view import View

PAGE_SIZE = 10_000
CACHE_MB = 96
Read = Callable[[int, int], Sequence[FeedItem]]
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


def rebuild(view: View, place: Place, read: Read, *, on_progress: Progress = lambda _, __: None) -> Rebuilt:
    """Rebuild one view from `read(after, limit)`, which returns events after a position.

    Raises:
        RebuildInterrupted: the feed ends before the live view's position, or another rebuild is under way.
    """
    return rebuild_together([view], place, read, on_progress=on_progress)[0]


def rebuild_together(
    views: Sequence[View],
    place: Place,
    read: Read,
    *,
    until: int = 0,
    on_progress: Progress = lambda _, __: None,
) -> list[Rebuilt]:
    """Rebuild some views, reading and decoding each event once for all of them.

    A live view that cannot be compared, for it is empty or of another version, need not be caught up with page
    by page afterwards: it is folded up to the position `until`, the end of the feed.

    Raises:
        RebuildInterrupted: the feed ends before a live view's position, or another rebuild is under way.
    """
    with ExitStack() as opened:
        feed = _Feed(read)
        works = [opened.enter_context(_beside_the_live_one(view, place, feed)) for view in views]
        for work in works:
            hurry(work.fresh, work.view, cache_mb=CACHE_MB // len(works))
        _fold_together(works, until, on_progress)
        return [work.finish() for work in works]


class _Feed:
    """The feed, page by page: each page once, for the views that take it one after the other."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._asked = (-1, -1)
        self._page = Batch()

    def read(self, after: int, limit: int) -> Batch:
        if self._asked != (after, limit):
            self._page = Batch.of(self._read(after, limit))
            self._asked = (after, limit)
        return self._page


class _Rebuild(Struct):
    """A view that is rebuilt: the live generation and the fresh one."""

    view: View
    store: ViewStore
    feed: _Feed
    live: sqlite3.Connection
    fresh: sqlite3.Connection
    previous: str
    following: str
    started: float

    def target(self, until: int) -> int:
        """Return where to fold to at first: where both can be compared, if they can."""
        position = position_of(self.live)
        return position if position and self.is_comparable() else max(position, until)

    def is_comparable(self) -> bool:
        return version_of(self.live) == self.view.version

    def fold_page(self, target: int) -> int:
        """Fold one page, no further than a target; return the position reached."""
        position = position_of(self.fresh)
        if position >= target:
            return position
        page = self.feed.read(position, min(PAGE_SIZE, target - position))
        if not page:
            raise RebuildInterrupted(f"The feed ends at {position}, but {self.view.name} stands at {target}.")
        fold(self.fresh, self.view, page)
        return page[-1].position

    def fold_until(self, target: int) -> None:
        while self.fold_page(target) < target:
            pass

    def finish(self) -> Rebuilt:
        """Let the fresh generation take the place of the live one."""
        settle(self.fresh, self.view)
        differing = self._compare()
        self._take_over()
        self.store.drop_all_but((self.previous, self.following))
        return Rebuilt(
            view=self.view.name,
            position=position_of(self.fresh),
            seconds=round(time.monotonic() - self.started, 3),
            differing_tables=differing,
            parked=len(parked_cases(self.fresh)),
        )

    def _compare(self) -> list[str]:
        # One read transaction holds the live side still, so that both are compared at the same position.
        with _transaction(self.live, "DEFERRED"):
            self.fold_until(position_of(self.live))
            if not self.is_comparable() or position_of(self.fresh) != position_of(self.live):
                return []
            return differing_tables(self.fresh, self.live)

    def _take_over(self) -> None:
        self.fold_until(position_of(self.live))
        # The live view's writer waits for a moment: no reader may see the position go back.
        with _transaction(self.live, "IMMEDIATE"):
            self.fold_until(position_of(self.live))
            keep(self.fresh, epochs_of(self.live))
            if self.store.generation() != self.previous:
                raise RebuildInterrupted(f"Another program replaced {self.view.name} meanwhile; nothing was changed.")
            self.store.point_to(self.following)


def _fold_together(works: Sequence[_Rebuild], until: int, on_progress: Progress) -> None:
    targets = [work.target(until) for work in works]
    reached, end = 0, max(targets)
    while reached < end:
        positions = [work.fold_page(target) for work, target in zip(works, targets, strict=True)]
        on_progress(reached := max(positions), end)


@contextmanager
def _beside_the_live_one(view: View, place: Place, feed: _Feed) -> Iterator[_Rebuild]:
    started = time.monotonic()
    with closing(ViewStore(view, place)) as store, _alone(store), closing(store.open_live()) as live:
        previous, following = store.generation(), store.next_generation()
        with closing(store.open_generation(following)) as fresh:
            yield _Rebuild(view, store, feed, live, fresh, previous, following, started)


@contextmanager
def _alone(store: ViewStore) -> Iterator[None]:
    """Keep other rebuilds of a view away, for as long as this process lives."""
    with store.alone() as alone:
        if not alone:
            raise RebuildInterrupted(f"Another rebuild of {store.view.name} is under way.")
        yield


@contextmanager
def _transaction(database: sqlite3.Connection, kind: str) -> Iterator[None]:
    database.execute(f"BEGIN {kind}")
    try:
        yield
    finally:
        database.execute("ROLLBACK")
