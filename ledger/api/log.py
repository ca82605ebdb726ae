"""The published log, for integrators: pages with a cursor, and a stream that goes on exactly where it stopped.

Each sees what was granted to them, and proves who they are with their token at every page. A stream asks again every
second whether it still may: who is put out is put out at once.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.response import Stream
from msgspec import Meta, Raw, Struct

from ledger.access.grants import matches, subject_in
from ledger.access.registry import Integrator, Registry
from ledger.api.problems import Malformed
from ledger.publishing.published import compose
from ledger.publishing.relay import Log
from ledger.publishing.seeking import position_before

PAGE_MAX = 1_000
SCANNED_MAX = 20_000
STREAMS_MAX = 8
LOOK_EVERY_S = 0.25
CHECK_EVERY_S = 1.0
HEARTBEAT_S = 15.0
RECONNECT_MS = 1_000
_POSITION = r"^[0-9]{1,18}$(?!\n)"
_NUMBERS = ("after", "limit")
_WHOLE = re.compile(r"-?[0-9]{1,20}")
Instant = Annotated[datetime, Meta(tz=True)]
Position = Annotated[int, Meta(ge=0, le=2**53)]


class LogAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be asked of the log: after which position, or since when; at most how many events."""

    after: Position | None = None
    since: Instant | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 100


class LogPage(Struct, frozen=True, kw_only=True):
    """Events in order; ask again after `cursor`, which moves on even where nothing was granted, up to `head`."""

    events: list[Raw]
    cursor: int
    head: int


class Found(Struct, frozen=True):
    """One event as it is published, and where it stands."""

    position: int
    event: bytes


class PublishedLog:
    """What integrators are answered, over one log."""

    def __init__(self, log: Log, registry: Registry, source: str) -> None:
        """Publish a log; `source` is the absolute URI of this ledger."""
        self._log = log
        self._registry = registry
        self._source = source
        self._open: Counter[str] = Counter()

    def page(self, integrator: Integrator, after: int, limit: int) -> LogPage:
        """Return a page of the granted events after a position."""
        found, cursor = self._granted(integrator, after, limit)
        events = [Raw(each.event) for each in found]
        return LogPage(events=events, cursor=cursor, head=max(cursor, self._log.head()))

    async def stream(self, token: str, after: int) -> AsyncIterator[bytes]:
        """Yield server-sent events for ever; the `id` of each is its position. It ends when the token opens nothing."""
        integrator = self.bearer(token)
        self._open[integrator.name] += 1
        try:
            async for message in self._messages(token, after):
                yield message
        finally:
            self._open[integrator.name] -= 1

    def bearer(self, token: str) -> Integrator:
        """Return whose token it is.

        Raises:
            Malformed: nobody's.
        """
        integrator = self._registry.bearer(token)
        if integrator is None:
            raise Malformed("unknown-token")
        return integrator

    def check_room(self, integrator: Integrator) -> None:
        """Refuse one stream too many.

        Raises:
            Malformed: this integrator holds as many as there may be.
        """
        if self._open[integrator.name] >= STREAMS_MAX:
            raise Malformed("too-many-streams", count=str(STREAMS_MAX))

    def start_of(self, asked: LogAsked) -> int:
        """Return the position that was asked for: as such, or as a moment; else the beginning."""
        if asked.since is not None:
            return position_before(self._log, asked.since)
        return asked.after or 0

    def _granted(self, integrator: Integrator, after: int, limit: int) -> tuple[list[Found], int]:
        """Return the granted events after a position, and how far was looked: a bounded number of events."""
        found: list[Found] = []
        cursor, filters = after, integrator.grant.filters()
        while cursor - after < SCANNED_MAX and (read := self._log.read(cursor, PAGE_MAX)):
            for logged in read:
                cursor = logged.position
                if any(matches(wanted, subject_in(logged)) for wanted in filters):
                    found.append(Found(cursor, compose(logged, self._source)))
                    if len(found) == limit:
                        return found, cursor
        return found, cursor

    async def _messages(self, token: str, position: int) -> AsyncIterator[bytes]:
        yield b"retry: %d\n\n" % RECONNECT_MS
        loop = asyncio.get_running_loop()
        checked_at_s = spoke_at_s = loop.time()
        integrator = self._registry.bearer(token)
        while integrator is not None:
            before = position
            found, position = await asyncio.to_thread(self._granted, integrator, position, PAGE_MAX)
            if found:
                spoke_at_s = loop.time()
                yield b"".join(map(_message, found))
            if loop.time() - spoke_at_s >= HEARTBEAT_S:
                spoke_at_s = loop.time()
                yield b"id: %d\nevent: still-here\ndata: {}\n\n" % position
            if position == before:
                await asyncio.sleep(LOOK_EVERY_S)
            if loop.time() - checked_at_s >= CHECK_EVERY_S:
                checked_at_s = loop.time()
                integrator = self._registry.bearer(token)


def log_routes(published: PublishedLog) -> Router:
    """Return the routes of the log."""

    @get("/log", operation_id="log", summary="The published events, page by page")
    async def log(request: Request[Any, Any, Any]) -> Response[LogPage]:
        integrator, asked = published.bearer(token_of(request)), _asked(request)
        after = await asyncio.to_thread(published.start_of, asked)
        page = await asyncio.to_thread(published.page, integrator, after, asked.limit)
        return Response(page, headers={"Cache-Control": "no-store", "Ledger-Position": str(page.head)})

    @get("/log/stream", operation_id="log-stream", summary="The published events, as they happen")
    async def stream(request: Request[Any, Any, Any]) -> Stream:
        token, asked = token_of(request), _asked(request)
        published.check_room(published.bearer(token))
        last = request.headers.get("last-event-id")
        after = _position(last) if last else await asyncio.to_thread(published.start_of, asked)
        messages = published.stream(token, after)
        return Stream(messages, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return Router(path="/", route_handlers=[log, stream])


def token_of(request: Request[Any, Any, Any]) -> str:
    """Return the token that a request bears.

    Raises:
        Malformed: it bears none.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Malformed("no-token")
    return token.strip()


def _asked(request: Request[Any, Any, Any]) -> LogAsked:
    # Read strictly: a bare number would pass for a moment, `null` for nothing, `5.0` for a whole number.
    given = request.query_params.items()
    try:
        read = {name: int(text) if name in _NUMBERS and _WHOLE.fullmatch(text) else text for name, text in given}
        return msgspec.convert(read, LogAsked)
    except msgspec.ValidationError as error:
        raise Malformed("invalid-query", reason=str(error)) from error


def _position(text: str) -> int:
    try:
        return msgspec.convert(text, Position, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed("invalid-header", header="Last-Event-ID", form=_POSITION) from error


def _message(found: Found) -> bytes:
    return b"id: %d\nevent: ledger\ndata: %s\n\n" % (found.position, found.event)
