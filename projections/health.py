"""Whether this process lives, and whether its views are fit to be read.

A view that is far behind the others is folded anew or held up: who asks for pages is better served elsewhere.
"""

import asyncio
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import Literal

from litestar import Response, Router, get
from msgspec import Struct

from projections.problems import NotReady
from projections.reader import ViewReader, ViewStatus

LAG_MAX = 10_000
"""How many events a view may be behind and still be read."""


class Alive(Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["live"] = "live"
    version: str


class Ready(Struct, frozen=True, kw_only=True):
    """The views can be read; `concerns` are what an operator should look at, which stops nothing."""

    status: Literal["ready"] = "ready"
    version: str
    position: int
    concerns: tuple[str, ...] = ()


def behind(views: list[ViewStatus], head: int) -> tuple[str, ...]:
    """Return which views are too far behind a position."""
    return tuple(f"view-behind:{view.name}" for view in views if head - view.position > LAG_MAX)


def parked(views: list[ViewStatus]) -> tuple[str, ...]:
    """Return which views could not digest everything."""
    return tuple(f"view-parked:{view.name}" for view in views if view.parked)


def health_routes(reader: ViewReader) -> Router:
    """Return the two questions, for a read side of its own; it knows no ledger, only its furthest view."""

    @get("/health/live", summary="Whether the process lives")
    async def live() -> Alive:
        return Alive(version=_version())

    @get("/health/ready", summary="Whether the views are fit to be read")
    async def ready() -> Response[Ready]:
        try:
            views = await asyncio.to_thread(reader.views)
        except Exception as error:
            raise NotReady(("views-unavailable",)) from error
        if reasons := behind(views, max(view.position for view in views)):
            raise NotReady(reasons)
        position = min(view.position for view in views)
        return Response(Ready(version=_version(), position=position, concerns=parked(views)))

    return Router(path="/", route_handlers=[live, ready])


def _version() -> str:
    try:
        return version_of("collectivilab")
    except PackageNotFoundError:
        return "unknown"
