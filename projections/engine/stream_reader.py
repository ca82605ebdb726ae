"""The stream for those who read at their own pace and end: pages of any size, after any position."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Self

from projections.engine.arrivals import StreamDoubt
from projections.engine.client import Client
from projections.engine.consumer import REQUEST_TIMEOUT_S, StreamFeed, StreamUnreachable, connect
from projections.engine.items import FeedItem

MORE_WAIT_S = 1.0


class StreamReader:
    """A connection, and the feed that was read last."""

    def __init__(self, url: str) -> None:
        """Name the server."""
        self._url = url
        self._runner = asyncio.Runner()
        self._client: Client | None = None
        self._pages: AsyncGenerator[list[FeedItem], None] | None = None
        self._left: list[FeedItem] = []
        self._position = 0

    def __enter__(self) -> Self:
        """Connect."""
        try:
            self._client = self._runner.run(connect(self._url, "projections-rebuild", attempts=3))
        except StreamUnreachable:
            self._runner.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        self._runner.run(self._close())
        self._runner.close()

    def read(self, after: int, limit: int) -> list[FeedItem]:
        """Return events after a position, at most so many, waiting for the first of them.

        Raises:
            StreamDoubt: none came.
        """
        return self._runner.run(self._read(after, limit))

    async def _read(self, after: int, limit: int) -> list[FeedItem]:
        if self._client is None:
            raise StreamDoubt("not connected")
        if self._pages is None or after != self._position:
            await self._leave()
            self._pages = StreamFeed(self._client).pages(after)
        if not self._left:
            try:
                async with asyncio.timeout(REQUEST_TIMEOUT_S):
                    self._left = await anext(self._pages)
            except TimeoutError as error:
                await self._leave()
                raise StreamDoubt(f"no event came after position {after} in {REQUEST_TIMEOUT_S} seconds") from error
            except StreamDoubt:
                await self._leave()
                raise
        await self._gather(limit)
        page, self._left = self._left[:limit], self._left[limit:]
        self._position = page[-1].position
        return page

    async def _gather(self, limit: int) -> None:
        """Wait for more, but not for long: it is cheaper to fold many at once, and the stream may end here."""
        with suppress(TimeoutError, StreamDoubt):
            while self._pages is not None and len(self._left) < limit:
                async with asyncio.timeout(MORE_WAIT_S):
                    self._left += await anext(self._pages)
            return
        # The feed was given up in the middle of waiting; the next one goes on where this one stopped.
        left = self._left
        await self._leave()
        self._left = left

    async def _leave(self) -> None:
        pages, self._pages, self._left = self._pages, None, []
        if pages is not None:
            await pages.aclose()

    async def _close(self) -> None:
        await self._leave()
        if self._client is not None:
            await self._client.close()
