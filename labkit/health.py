"""Whether a whole instance lives, and whether it does its work: commands taken, views within bounds.

The stream and what the auditor found are concerns of an operator: the ledger takes commands without them.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response, Router, get

from labkit.status import SiteStatus
from ledger.api.health import Ready, live, not_ready
from ledger.api.problems import Problem
from projections.health import behind, parked


def concerns_of(status: SiteStatus) -> tuple[str, ...]:
    """Return what an operator should look at, by codes."""
    silent = () if status.stream.reachable else ("stream-unreachable",)
    different = sorted({f"audit:{finding.of}" for finding in status.audit.findings})
    return (*silent, *parked(status.views), *different)


def health_routes(status: Callable[[], Awaitable[SiteStatus]], cannot_write: Callable[[], tuple[str, ...]]) -> Router:
    """Return the two questions, for an instance."""

    @get("/health/ready", operation_id="health-ready", summary="Whether it takes commands, its views within bounds")
    async def ready(request: Request[Any, Any, Any]) -> Response[Ready] | Response[Problem]:
        if reasons := cannot_write():
            return not_ready(request, reasons)
        now = await status()
        if reasons := behind(now.views, now.ledger.position):
            return not_ready(request, reasons)
        return Response(Ready(version=now.version, position=now.ledger.position, concerns=concerns_of(now)))

    return Router(path="/", route_handlers=[live, ready])
