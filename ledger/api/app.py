"""The write side as a web application, alone or as a part of another."""

import re
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import lru_cache
from typing import Any

from litestar import Litestar, Request, get
from litestar.exceptions import NotFoundException
from litestar.plugins import InitPlugin
from litestar.router import Router
from msgspec import Struct

from ledger.access.registry import Registry
from ledger.api.commands import ROUTES, batch_route, command_route
from ledger.api.contract import contract_routes
from ledger.api.health import health_routes
from ledger.api.log import PublishedLog, log_routes
from ledger.api.problems import PROBLEM_HANDLERS, Malformed, Problem, known_problem, language_of
from ledger.application import CaseLedger
from ledger.settings import LOOPBACK, Settings

_HOST = re.compile(r"\[?([^\[\]/@]*?)\]?(?::[0-9]{1,5})?")


async def check_host(request: Request[Any, Any, Any]) -> None:
    """Refuse requests that come under another machine's name: a page elsewhere may have made the browser send them."""
    if not _is_this_machine(request.headers.get("host", "")):
        raise Malformed("foreign-host")


@lru_cache(maxsize=64)
def _is_this_machine(given: str) -> bool:
    host = _HOST.fullmatch(given)
    return host is not None and host[1].lower() in LOOPBACK


class LedgerStatus(Struct, frozen=True):
    """Where the ledger stands."""

    position: int


@get("/problems/{code:str}", operation_id="problem", summary="What a problem means")
async def describe_problem(request: Request[Any, Any, Any]) -> Problem:
    """Return the text of a problem type."""
    problem = known_problem(request.path_params["code"], language_of(request))
    if problem is None:
        raise NotFoundException
    return problem


def write_routes(ledger: CaseLedger, settings: Settings) -> Router:
    """Return every route of the write side, over one ledger."""
    published = PublishedLog(ledger, Registry(settings.data), settings.source)

    @get("/ledger", operation_id="ledger", summary="Where the ledger stands")
    async def ledger_status() -> LedgerStatus:
        return LedgerStatus(ledger.head())

    routes = [command_route(ledger, path, kind) for path, kind in ROUTES]
    reading = [log_routes(published), contract_routes(settings.source)]
    return Router(path="/", route_handlers=[*routes, batch_route(ledger), *reading, ledger_status, describe_problem])


def create_app(
    ledger: CaseLedger,
    settings: Settings,
    while_open: AbstractAsyncContextManager[None],
    *,
    plugins: Sequence[InitPlugin] = (),
) -> Litestar:
    """Return the write side as an application of its own; `while_open` lasts as long as it serves."""
    return Litestar(
        lifespan=[while_open],
        route_handlers=[write_routes(ledger, settings), health_routes(ledger, settings)],
        exception_handlers=PROBLEM_HANDLERS,
        before_request=check_host,
        request_max_body_size=settings.body_size_max_bytes,
        plugins=plugins,
        openapi_config=None,
        logging_config=None,
    )
