"""The view of requests, for the Open311 server: read from any thread, and waited for when it is a little behind."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from sqlite3 import Connection
from threading import Lock
from typing import Concatenate, ParamSpec, TypeVar

from projections import open311
from projections.engine.place import Place
from projections.engine.store import ViewStore
from projections.watch import Behind, Watch

CATCH_UP_TIMEOUT_S = 2.0
Asked = ParamSpec("Asked")
Found = TypeVar("Found")


class Register:
    """Reads the requests that the view holds."""

    def __init__(self, place: Place, watch: Watch) -> None:
        self._store = ViewStore(open311.VIEW, place, reading=True)
        self._lock = Lock()
        self._watch = watch

    async def find(
        self,
        query: Callable[Concatenate[Connection, Asked], Found],
        /,
        *asked: Asked.args,
        **more: Asked.kwargs,
    ) -> Found:
        """Return what one of the view's queries finds."""
        return await asyncio.to_thread(self._find, query, *asked, **more)

    async def catch_up(self, head: int) -> None:
        """Wait until the view shows a position of the ledger, but not for long."""
        with suppress(Behind):
            await self._watch.until(self._position, head, CATCH_UP_TIMEOUT_S)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._store.close()

    def _find(
        self,
        query: Callable[Concatenate[Connection, Asked], Found],
        /,
        *asked: Asked.args,
        **more: Asked.kwargs,
    ) -> Found:
        with self._lock:
            return query(self._store.open(), *asked, **more)

    def _position(self) -> int:
        with self._lock:
            return self._store.position()
