"""HTTP of the read side: views as JSON with cursor and position, and one stream of server-sent events."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any

from litestar import Litestar, Request, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import InitPlugin
from litestar.response import Stream
from msgspec import Struct

from projections.asking import (
    EventsAsked,
    InboxAsked,
    NothingAsked,
    OverviewAsked,
    TimelineAsked,
    read_event_id,
    read_query,
)
from projections.live import Live, Pace
from projections.overview import Overview
from projections.problems import (
    HANDLERS_OF_THE_VIEWS,
    HANDLERS_OF_THE_WHOLE,
    Problem,
    Unanswerable,
    language_of,
    problem_of,
)
from projections.reader import ViewReader, ViewStatus, channel_named
from projections.watch import Watch
from projections.wording import OF_THE_VIEWS, OF_THE_WHOLE

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HOST = re.compile(r"\[?([^\[\]/@]*?)\]?(?::[0-9]{1,5})?")


class Rows(Struct, frozen=True, kw_only=True):
    """A page of a view, the position it reflects, and where to go on."""

    position: int
    rows: list[Any]
    cursor: str | None


class Answers:
    """What is answered on each route, from the views of one data directory."""

    def __init__(self, reader: ViewReader, watch: Watch, pace: Pace) -> None:
        """Read from the views, wait with the watch, and never longer than the pace allows."""
        self._reader = reader
        self._watch = watch
        self._pace = pace
        self._live = Live(reader, watch, pace)

    async def views(self, request: Request[Any, Any, Any]) -> list[ViewStatus]:
        """Return the views and how far each has come."""
        read_query(request.query_params, NothingAsked)
        return await asyncio.to_thread(self._reader.views)

    async def overview(self, request: Request[Any, Any, Any]) -> Overview:
        """Return the figures of the whole."""
        asked = read_query(request.query_params, OverviewAsked)
        await self._until("overview", asked.at_least)
        return await asyncio.to_thread(self._reader.overview, datetime.now(UTC))

    async def timeline(self, request: Request[Any, Any, Any]) -> Rows:
        """Return the story of one case, or without a case what was recorded since a position."""
        asked = read_query(request.query_params, TimelineAsked)
        position = await self._until("timeline", asked.at_least)
        if asked.case is None:
            entries = await asyncio.to_thread(self._reader.since, asked.after, asked.limit)
            following = str(entries[-1].position) if len(entries) == asked.limit else None
            return Rows(position=position, rows=entries, cursor=following)
        page = await asyncio.to_thread(self._reader.case_page, asked.case, limit=asked.limit, cursor=asked.cursor)
        return Rows(position=position, rows=page.rows, cursor=page.cursor)

    async def inbox(self, request: Request[Any, Any, Any]) -> Rows:
        """Return a page of an inbox."""
        name = request.path_params["inbox"]
        channel = channel_named(name)
        asked = read_query(request.query_params, InboxAsked)
        position = await self._until(name, asked.at_least)
        page = await asyncio.to_thread(self._reader.inbox, channel, asked)
        return Rows(position=position, rows=page.rows, cursor=page.cursor)

    async def parked(self, request: Request[Any, Any, Any]) -> Rows:
        """Return the cases that a view could not digest, and why."""
        name = request.path_params["name"]
        position = await self._until(name, 0)
        read_query(request.query_params, NothingAsked)
        return Rows(position=position, rows=await asyncio.to_thread(self._reader.parked, name), cursor=None)

    async def events(self, request: Request[Any, Any, Any]) -> Stream:
        """Stream new events; the `id` of each is its position, so `Last-Event-ID` goes on exactly there."""
        asked, last = read_query(request.query_params, EventsAsked), request.headers.get("last-event-id")
        after = read_event_id(last) if last else asked.since
        if after is None:
            after = await asyncio.to_thread(self._reader.view_position, "timeline")
        messages = self._live.listen(after)
        return Stream(messages, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _until(self, name: str, at_least: int) -> int:
        timeout_s = self._pace.at_least_timeout_s
        return await self._watch.until(lambda: self._reader.view_position(name), at_least, timeout_s)


def read_routes(reader: ViewReader, watch: Watch, pace: Pace | None = None) -> Router:
    """Return every route of the read side, over the views of one data directory."""
    answers = Answers(reader, watch, pace or Pace())

    @get("/events", media_type="text/event-stream", summary=answers.events.__doc__)
    async def events(request: Request[Any, Any, Any]) -> Stream:
        return await answers.events(request)

    return Router(
        path="/",
        route_handlers=[
            _route("/views", answers.views),
            _route("/views/overview", answers.overview),
            _route("/views/timeline", answers.timeline),
            _route("/views/{inbox:str}", answers.inbox),
            _route("/views/{name:str}/parked", answers.parked),
            events,
            _describing(OF_THE_VIEWS),
        ],
        exception_handlers=HANDLERS_OF_THE_VIEWS,
    )


def create_app(
    routes: Sequence[Router], while_open: AbstractAsyncContextManager[None], *, plugins: Sequence[InitPlugin] = ()
) -> Litestar:
    """Return the read side as an application of its own; `while_open` lasts as long as it serves."""
    return Litestar(
        lifespan=[while_open],
        route_handlers=[*routes, _describing(OF_THE_WHOLE)],
        exception_handlers=HANDLERS_OF_THE_WHOLE,
        before_request=check_host,
        plugins=plugins,
        openapi_config=None,
        logging_config=None,
    )


async def check_host(request: Request[Any, Any, Any]) -> None:
    """Refuse requests that come under another machine's name: a page elsewhere may have made the browser send them."""
    host = _HOST.fullmatch(request.headers.get("host", ""))
    if host is None or host[1].lower() not in LOOPBACK:
        raise Unanswerable("foreign-host")


def _route(path: str, answer: Callable[[Request[Any, Any, Any]], Awaitable[object]]) -> HTTPRouteHandler:
    # Litestar copies the handlers that it is given, but not what a function closes over.
    @get(path, summary=answer.__doc__)
    async def handle(request: Request[Any, Any, Any]) -> Any:  # noqa: ANN401  # whatever the route answers
        return await answer(request)

    return handle


def _describing(problems: dict[str, Any]) -> HTTPRouteHandler:
    async def describe(request: Request[Any, Any, Any]) -> Problem:
        return problem_of(request.url.path.strip("/").rpartition("/")[2], language_of(request))

    return get([f"/problems/{code}" for code in problems])(describe)
