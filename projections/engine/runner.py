"""Folds the stream into views for as long as it runs: each page into every view, then a hint to readers.

What open pages follow is folded first, with a hint of its own: people see an event before the rest is done.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from threading import Lock

from ledger.publishing.epochs import Epochs
from projections.engine.consumer import RETRY_WAIT_S, StreamDoubt, StreamFeed
from projections.engine.epochs import meet
from projections.engine.folding import GapInFeed
from projections.engine.items import FeedItem
from projections.engine.place import Place, ViewsUnreachable
from projections.engine.store import ViewStore
from projections.engine.view import View

log = logging.getLogger(__name__)


class Runner:
    """The one writer of some views of an installation."""

    def __init__(self, views: Sequence[View], place: Place) -> None:
        """Name the views and where they live; whoever sets `around_page` is entered around each page."""
        self._stores = [ViewStore(view, place) for view in sorted(views, key=lambda view: not view.followed)]
        self._followed = sum(view.followed for view in views)
        self._busy = Lock()
        self.around_page: Callable[[Sequence[FeedItem]], AbstractContextManager[None]] = lambda _: nullcontext()

    async def run(self, feed: StreamFeed) -> None:
        """Fold for ever; after any doubt start again from the view that is furthest behind."""
        loop = asyncio.get_running_loop()

        def hint(position: int) -> None:
            asyncio.run_coroutine_threadsafe(feed.hint(position), loop)

        while True:
            try:
                after = min(await asyncio.to_thread(self._positions, await feed.epochs()))
                async with aclosing(feed.pages(after)) as pages:
                    async for page in pages:
                        reached = await asyncio.to_thread(self.fold, page, after=after, on_followed=hint)
                        after = page[-1].position
                        await feed.hint(reached)
            except (StreamDoubt, GapInFeed, ViewsUnreachable) as doubt:
                log.warning("Starting again from the views' own position: %s", doubt)
                await asyncio.sleep(RETRY_WAIT_S)

    def fold(
        self,
        page: Sequence[FeedItem],
        *,
        after: int | None = None,
        on_followed: Callable[[int], None] = lambda _: None,
    ) -> int:
        """Fold a page into every view, all that the stream holds after a position; return what all of them reached.

        `on_followed` hears what those have reached that open pages follow, before the others are folded.
        """
        reached: list[int] = []
        with self.around_page(page), self._busy:
            for store in self._stores:
                if reached and len(reached) == self._followed:
                    on_followed(min(reached))
                reached.append(store.apply(page, after=after))
        return min(reached)

    def close(self) -> None:
        """Close the files, once the page that is being folded is in them."""
        with self._busy:
            for store in self._stores:
                store.close()

    def _positions(self, epochs: Epochs) -> list[int]:
        for store in self._stores:
            meet(store, epochs)
        return [store.position() for store in self._stores]
