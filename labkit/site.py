"""Everything that answers over HTTP, in one process behind one address: write side, read side, console.

Started by `labkit up`; it reads the same environment as the write side does.
"""

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from litestar import Litestar, Request, Response, get
from litestar.plugins import InitPlugin

from labkit.auditing.continuous import ContinuousAudit
from labkit.auditing.durability import Acknowledgement, acknowledgement
from labkit.auditing.views import all_noted
from labkit.contract.openapi import openapi
from labkit.exit_codes import ExitCode
from labkit.health import health_routes
from labkit.open311.desk import Desk
from labkit.open311.routes import open311_routes, with_open311
from labkit.status import LedgerPosition, SiteStatus, StreamStatus
from ledger.api.app import check_host, write_routes
from ledger.api.contract import MEDIA_TYPE, Document
from ledger.api.health import cannot_write, version
from ledger.api.problems import PROBLEM_HANDLERS
from ledger.application import CaseLedger
from ledger.publishing.announcer import Announcer
from ledger.publishing.jetstream import LedgerStream, NatsUnreachable, PublishDoubt, connect
from ledger.settings import Settings, SettingsError, read_settings
from ledger.store.database import StoreError, StoreIsNewer
from ledger.store.vault import VaultError
from ledger.watched import open_ledger
from ledger.watching.asked import WatchingError
from ledger.watching.http import HttpInstruments
from ledger.watching.instruments import Instruments, begin
from projections.api import read_routes
from projections.console.pages import console
from projections.engine.consumer import hearing
from projections.engine.place import place_of
from projections.reader import ViewReader
from projections.watch import Watch


class Site:
    """One ledger, its views, and what their status rests on."""

    def __init__(self, ledger: CaseLedger, settings: Settings, announcer: Announcer) -> None:
        """Read the views beside the ledger, unsealed with the ledger's own keys."""
        views = place_of(settings.data, settings.database_url)
        self.ledger = ledger
        self.reader = ViewReader(views, ledger.reveal)
        self.watch = Watch()
        self.open311 = Desk(ledger, self.watch, settings.data, views=views)
        self._settings = settings
        self._announcer = announcer
        self._acknowledgement: Acknowledgement | None = None
        self._audit = ContinuousAudit(ledger, settings.nats_url or "", lambda: all_noted(views), source=settings.source)

    async def status(self) -> SiteStatus:
        """Return how far the ledger, the stream and the views have come."""
        return SiteStatus(
            ledger=LedgerPosition(self.ledger.head()),
            stream=await self._stream_status(),
            views=self.reader.views(),
            audit=self._audit.status,
            acknowledgement=await self._acknowledged(),
            version=version(),
        )

    @asynccontextmanager
    async def open(self, _: Litestar) -> AsyncIterator[None]:
        """Speak to and hear from the other processes for as long as the site serves."""
        url = self._settings.nats_url
        self._audit.start()
        async with self._announcer.speaking(url), hearing(url or "", self.watch.ring):
            yield
        await asyncio.to_thread(self._audit.stop)
        self.reader.close()
        self.open311.close()

    async def _acknowledged(self) -> Acknowledgement:
        # A server that has not answered yet is asked again; one that has keeps its settings until it ends.
        if self._acknowledgement is None or self._acknowledgement.stream == "unknown":
            self._acknowledgement = await acknowledgement(self._settings)
        return self._acknowledgement

    async def _stream_status(self) -> StreamStatus:
        try:
            client = await connect(self._settings.nats_url or "", "labkit-status")
        except NatsUnreachable:
            return StreamStatus(position=0, reachable=False)
        try:
            return StreamStatus(position=(await LedgerStream(client).end()).position, reachable=True)
        except PublishDoubt:
            return StreamStatus(position=0, reachable=False)
        finally:
            await client.close()


def watched_site(site: Site, instruments: Instruments) -> HttpInstruments:
    """Return what is added to a site so that it is watched: it tells of the stream and of the views too."""
    if not instruments.meters:
        return HttpInstruments(instruments, "site")
    from labkit.readings import SiteReadings  # noqa: PLC0415  # the extra may not be installed

    readings = SiteReadings(site.status)
    instruments.meters.show(readings.read)
    return HttpInstruments(instruments, "site", readings.refresh)


def create_site(site: Site, settings: Settings, *, plugins: Sequence[InitPlugin] = ()) -> Litestar:
    """Return the whole as one application."""
    document = Document(openapi())

    @get("/status")
    async def status() -> SiteStatus:
        """Return how far everything has come."""
        return await site.status()

    @get("/openapi.json", media_type=MEDIA_TYPE)
    async def contract(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return what every address takes and answers, as an OpenAPI document."""
        return document.answer(request)

    return Litestar(
        route_handlers=[
            write_routes(site.ledger, settings),
            read_routes(site.reader, site.watch),
            console(site.reader),
            open311_routes(site.open311),
            health_routes(site.status, lambda: cannot_write(site.ledger, settings)),
            status,
            contract,
        ],
        exception_handlers=with_open311(PROBLEM_HANDLERS),
        before_request=check_host,
        request_max_body_size=settings.body_size_max_bytes,
        lifespan=[site.open],
        plugins=plugins,
        openapi_config=None,
        logging_config=None,
    )


def main() -> int:
    """Serve until interrupted; return the exit code."""
    # The server stops serving on SIGTERM and then raises it again, which would leave the ledger and the keys open.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settings = read_settings(os.environ)
        instruments = begin("site", settings.watching, level=logging.WARNING)
        announcer = Announcer()
        with open_ledger(settings, instruments, on_commit=announcer.announce) as ledger:
            site = Site(ledger, settings, announcer)
            app = create_site(site, settings, plugins=[watched_site(site, instruments)])
            # What a program is made of lives as long as it does: the collector need not walk through it while all wait.
            gc.freeze()
            uvicorn.run(
                app,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                proxy_headers=False,
                timeout_graceful_shutdown=2,
            )
    except (SettingsError, WatchingError, StoreIsNewer, StoreError, VaultError) as error:
        print(error, file=sys.stderr)
        return int(_exit_code(error))
    return 0


def _exit_code(error: Exception) -> ExitCode:
    match error:
        case SettingsError() | WatchingError():
            return ExitCode.USAGE
        case StoreIsNewer():
            return ExitCode.NEWER_DATA
        case _:
            return ExitCode.STORAGE


if __name__ == "__main__":
    sys.exit(main())
