"""Whether this process lives, and whether it can take commands: for whoever starts it, or sends it requests.

An orchestrator asks often, so nothing here is costly, and nothing is personal. What is wrong is named by codes.
"""

import asyncio
import shutil
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import Any, Literal

from litestar import Request, Response, Router, get
from msgspec import Struct

from ledger.api.problems import Problem, general_problem, language_of, respond
from ledger.application import CaseLedger
from ledger.settings import Settings

DISK_FREE_MIN_BYTES = 64 * 2**20
"""With less room than this the ledger would soon refuse commands, half-way through a day."""


class Alive(Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["live"] = "live"
    version: str


class Ready(Struct, frozen=True, kw_only=True):
    """It does its work; `concerns` are what an operator should look at, which stops nothing."""

    status: Literal["ready"] = "ready"
    version: str
    position: int
    concerns: tuple[str, ...] = ()


def version() -> str:
    """Return the version of the program that runs."""
    try:
        return version_of("collectivilab")
    except PackageNotFoundError:
        return "unknown"


def cannot_write(ledger: CaseLedger, settings: Settings) -> tuple[str, ...]:
    """Return why the ledger cannot take commands, if it cannot."""
    try:
        ledger.head()
    except Exception:  # noqa: BLE001  # whatever a database fails with, the answer is the same
        return ("store-unavailable",)
    # A database elsewhere has a disk of its own.
    if not settings.database_url and shutil.disk_usage(settings.data).free < DISK_FREE_MIN_BYTES:
        return ("disk-nearly-full",)
    return ()


def not_ready(request: Request[Any, Any, Any], reasons: tuple[str, ...]) -> Response[Problem]:
    """Answer 503, with the reasons."""
    return respond(general_problem("not-ready", language_of(request), reason=", ".join(reasons)))


@get("/health/live", operation_id="health-live", summary="Whether the process lives")
async def live() -> Alive:
    """Answer: that is all there is to it."""
    return Alive(version=version())


def health_routes(ledger: CaseLedger, settings: Settings) -> Router:
    """Return the two questions, for a write side of its own."""

    @get("/health/ready", operation_id="health-ready", summary="Whether it can take commands")
    async def ready(request: Request[Any, Any, Any]) -> Response[Ready] | Response[Problem]:
        reasons = await asyncio.to_thread(cannot_write, ledger, settings)
        if reasons:
            return not_ready(request, reasons)
        return Response(Ready(version=version(), position=ledger.head()))

    return Router(path="/", route_handlers=[live, ready])
