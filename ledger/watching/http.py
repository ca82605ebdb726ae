"""What an application that answers over HTTP is watched with: spans of requests that change something, and `/metrics`.

The spans are our own: those of the library's plugin hold whole addresses, with cases and questions in them, and the
address of who asks. The counts are Litestar's, by route.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from litestar import Response, get
from litestar.config.app import AppConfig
from litestar.enums import ScopeType
from litestar.plugins import InitPlugin
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from ledger.watching.instruments import Instruments
from ledger.watching.traces import Tracing

if TYPE_CHECKING:
    from ledger.watching.meters import Meters

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class HttpInstruments(InitPlugin):
    """A plugin of Litestar; `refresh` is awaited before metrics are read."""

    def __init__(
        self, instruments: Instruments, role: str, refresh: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Add what the watch has, on behalf of a role."""
        self._instruments = instruments
        self._role = role
        self._refresh = refresh

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Add the parts to an application."""
        if meters := self._instruments.meters:
            self._count(app_config, meters)
        if tracing := self._instruments.tracing:
            app_config.middleware.insert(0, lambda app: _Traced(app, tracing))
        return app_config

    def _count(self, app_config: AppConfig, meters: "Meters") -> None:
        from litestar.plugins.prometheus import PrometheusConfig  # noqa: PLC0415  # the extra may not be installed

        from ledger.watching.meters import CONTENT_TYPE_LATEST  # noqa: PLC0415  # the same

        refresh = self._refresh

        @get("/metrics", media_type=CONTENT_TYPE_LATEST, include_in_schema=False)
        async def metrics() -> Response[bytes]:
            if refresh:
                await refresh()
            return Response(await asyncio.to_thread(meters.exposition), headers={"Cache-Control": "no-store"})

        counting = PrometheusConfig(app_name=self._role, prefix="collectivilab_http", group_path=True)
        app_config.middleware.insert(0, counting.middleware)
        app_config.route_handlers.append(metrics)


class _Traced:
    """The span of each request that changes something; it is named after its route, never after its address."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] in _READING:
            await self._app(scope, receive, send)
            return
        route = {"http.request.method": str(scope["method"]), "http.route": scope["path_template"]}
        given = dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1")
        with self._tracing.during(" ".join(route.values()), given or None, route) as span:

            async def told(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self._app(scope, receive, told)
