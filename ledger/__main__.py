"""The roles of the write side, each a process of its own: `python -m ledger serve`, `… relay` and `… webhooks`."""

import asyncio
import gc
import logging
import os
import signal
import sqlite3
import sys
from collections.abc import Awaitable
from contextlib import closing
from datetime import UTC, datetime

import uvicorn

from ledger.access.registry import AccessError, Registry
from ledger.api.app import create_app
from ledger.application import ReadOnlyLog
from ledger.publishing.announcer import Announcer
from ledger.publishing.epochs import read_epochs
from ledger.publishing.jetstream import LEDGER_HINT, Hints, LedgerStream, NatsUnreachable, connect
from ledger.publishing.relay import Relay, StreamMismatch
from ledger.publishing.watched import watched
from ledger.settings import Settings, SettingsError, read_settings
from ledger.store.database import StoreError, StoreIsNewer
from ledger.store.vault import VaultError
from ledger.watched import open_ledger
from ledger.watching.asked import WatchingError
from ledger.watching.http import HttpInstruments
from ledger.watching.instruments import Instruments, begin
from ledger.webhooks.database import only_sender, open_database
from ledger.webhooks.sender import Sender

log = logging.getLogger(__name__)

USAGE = "usage: python -m ledger serve | relay | webhooks"
EXIT_USAGE, EXIT_NEWER, EXIT_NATS, EXIT_STORE, EXIT_MISMATCH = 2, 6, 7, 8, 9
_EXPECTED = (
    SettingsError,
    WatchingError,
    StoreIsNewer,
    NatsUnreachable,
    StoreError,
    VaultError,
    StreamMismatch,
    AccessError,
    sqlite3.Error,
)
CONNECT_ATTEMPTS = 30
CONNECT_WAIT_S = 1.0


def serve(settings: Settings, instruments: Instruments) -> None:
    """Take commands over HTTP until interrupted."""
    announcer = Announcer()
    if settings.database_url and not settings.keys_database_url:
        log.warning(
            "The keys are a file of this machine: where several machines write, KEYS_DATABASE_URL must name one store."
        )
    with open_ledger(settings, instruments, on_commit=announcer.announce) as ledger:
        plugins = [HttpInstruments(instruments, "ledger")]
        app = create_app(ledger, settings, announcer.speaking(settings.nats_url), plugins=plugins)
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


async def relay(settings: Settings, instruments: Instruments) -> None:
    """Copy the log to the stream until interrupted.

    Raises:
        NatsUnreachable: nobody answered for half a minute.
        StreamMismatch: the stream is no copy of this ledger.
    """
    if not settings.nats_url:
        raise SettingsError("The relay needs NATS_URL, such as nats://127.0.0.1:4222.")
    log = ReadOnlyLog(settings)
    client = await connect(settings.nats_url, "ledger-relay", attempts=CONNECT_ATTEMPTS, wait_s=CONNECT_WAIT_S)
    registry = Registry(settings.data)
    try:
        hints = Hints(client)
        await hints.listen(LEDGER_HINT)
        stream = LedgerStream(
            client, registry.copies, epochs=read_epochs(settings.data), replicas=settings.stream_replicas
        )
        await Relay(
            log,
            watched(stream, log, instruments),
            source=settings.source,
            wait=hints.wait,
        ).run()
    finally:
        await client.close()
        log.close()


async def webhooks(settings: Settings) -> None:
    """Deliver to the endpoints of integrators until interrupted.

    Raises:
        AnotherSender: another process does.
        StreamMismatch: the log is not the one that was read before.
    """
    with (
        closing(ReadOnlyLog(settings)) as log,
        only_sender(settings.data),
        closing(open_database(settings.data)) as database,
    ):
        registry = Registry(settings.data)
        await Sender(log, database, registry=registry, source=settings.source, clock=_now).run()


def _now() -> datetime:
    return datetime.now(UTC)


async def _until_stopped(role: Awaitable[None]) -> None:
    gc.freeze()
    task = asyncio.ensure_future(role)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await task


def main(arguments: list[str]) -> int:
    """Run one role; return its exit code."""
    try:
        settings = read_settings(os.environ)
        match arguments:
            case ["serve"]:
                # The server raises SIGTERM again once it has stopped, which would leave ledger and keys open.
                signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
                serve(settings, begin("ledger", settings.watching))
            case ["relay"]:
                asyncio.run(_until_stopped(relay(settings, begin("relay", settings.watching))))
            case ["webhooks"]:
                begin("webhooks", settings.watching)
                asyncio.run(_until_stopped(webhooks(settings)))
            case _:
                print(USAGE, file=sys.stderr)
                return EXIT_USAGE
    except asyncio.CancelledError:
        return 0
    except _EXPECTED as error:
        print(f"ledger: {error}", file=sys.stderr)
        return _exit_code(error)
    return 0


def _exit_code(error: Exception) -> int:
    match error:
        case SettingsError() | WatchingError():
            return EXIT_USAGE
        case StoreIsNewer():
            return EXIT_NEWER
        case NatsUnreachable():
            return EXIT_NATS
        case StreamMismatch():
            return EXIT_MISMATCH
        case _:
            return EXIT_STORE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
