"""Folds the stream into views for as long as it runs: each page into every view, then one hint to readers."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from threading import Lock

from projections.engine.consumer import RETRY_WAIT_S, StreamDoubt, StreamFeed
from projections.engine.folding import GapInFeed
from projections.engine.items import FeedItem
from projections.engine.store import ViewStore
from projections.engine.view import View

log = logging.getLogger(__name__)


class Runner:
    """The one writer of the views of a data directory."""

    def __init__(self, views: Sequence[View], directory: Path) -> None:
        """Name the views and where they live."""
        self._stores = [ViewStore(view, directory) for view in views]
        self._busy = Lock()

    async def run(self, feed: StreamFeed) -> None:
        """Fold for ever; after any doubt start again from the view that is furthest behind."""
        while True:
            after = min(await asyncio.to_thread(self._positions))
            try:
                async with aclosing(feed.pages(after)) as pages:
                    async for page in pages:
                        reached = await asyncio.to_thread(self.fold, page, after=after)
                        after = page[-1].position
                        await feed.hint(reached)
            except (StreamDoubt, GapInFeed) as doubt:
                log.warning("Starting again from the views' own position: %s", doubt)
                await asyncio.sleep(RETRY_WAIT_S)

    def fold(self, page: Sequence[FeedItem], *, after: int | None = None) -> int:
        """Fold a page into every view, all that the stream holds after a position; return what all of them reached."""
        with self._busy:
            return min([store.apply(page, after=after) for store in self._stores])

    def close(self) -> None:
        """Close the files, once the page that is being folded is in them."""
        with self._busy:
            for store in self._stores:
                store.close()

    def _positions(self) -> list[int]:
        return [store.position() for store in self._stores]
