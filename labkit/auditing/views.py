"""What each view says that it took note of, and on demand what it would hold if it were folded again."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from sqlite3 import Connection

from labkit.auditing.comparing import Noted
from labkit.auditing.findings import Finding, Kind
from ledger.publishing.feed import LogFeed
from ledger.publishing.relay import Log
from projections import VIEWS
from projections.engine.file import table_digests
from projections.engine.place import Place
from projections.engine.ranges import noted_in
from projections.engine.store import ViewStore, parked_cases, position_of
from projections.engine.view import View

PAGE_SIZE = 2_000


def all_noted(place: Place) -> list[Noted]:
    """Ask every view."""
    return [_noted(view, place) for view in VIEWS]


def _noted(view: View, place: Place) -> Noted:
    with closing(ViewStore(view, place, reading=True)) as store, _still(store.open()) as database:
        parked = parked_cases(database)
        return Noted(
            name=view.name,
            position=position_of(database),
            ranges={noted.range_start: noted for noted in noted_in(database)},
            parked=sum(case.events for case in parked),
            parked_from=parked[0].position if parked else 0,
        )


def refold(log: Log, place: Place, on_progress: Callable[[int, int], None]) -> Iterator[Finding]:
    """Fold each view again in a place of its own, and return those whose live rows are others."""
    feed, head = LogFeed(log), log.head()
    with ExitStack() as stack:
        aside = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="labkit-audit-")))
        fresh = [stack.enter_context(closing(ViewStore(view, aside))) for view in VIEWS]
        live = [stack.enter_context(closing(ViewStore(view, place, reading=True))) for view in VIEWS]
        together = min(head, *(store.position() for store in live))
        _fold(feed, fresh, together, on_progress)
        for again, store in zip(fresh, live, strict=True):
            with _still(store.open()) as database:
                position = position_of(database)
                if position > log.head():
                    continue  # Nothing can be said of what the ledger does not hold.
                _fold(feed, [again], position, lambda _, __: None)
                if tables := _differing(again.open(), database):
                    yield Finding(
                        of=store.view.name,
                        kind=Kind.OTHER_ROWS,
                        first=1,
                        last=position,
                        position=position,
                        tables=tables,
                    )


def _fold(feed: LogFeed, stores: Sequence[ViewStore], target: int, on_progress: Callable[[int, int], None]) -> None:
    position = stores[0].position()
    while position < target:
        page = feed.read(position, min(PAGE_SIZE, target - position))
        if not page:
            return  # A gap in the ledger, which is a finding of its own.
        for store in stores:
            store.apply(page)
        position = page[-1].position
        on_progress(position, target)


def _differing(ours: Connection, theirs: Connection) -> tuple[str, ...]:
    again, live = table_digests(ours), table_digests(theirs)
    return tuple(sorted(name for name in again.keys() | live.keys() if again.get(name) != live.get(name)))


@contextmanager
def _still(database: Connection) -> Iterator[Connection]:
    """Hold a view still, for us, as long as we look at it."""
    database.execute("BEGIN DEFERRED")
    try:
        yield database
    finally:
        database.execute("ROLLBACK")
