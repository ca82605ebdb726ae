"""One prototype as a process: `python -m labkit.prototype FOLDER`, started by `labkit run`.

It writes to the ledger of its data directory itself and tells the relay; views and console are other processes.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from litestar import Litestar
from litestar.types import ASGIApp

from labkit.broker import ledger_url
from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure, NothingRunning
from labkit.instance import find_instance
from labkit.prototype.app import create_prototype
from labkit.prototype.cases import Cases
from labkit.prototype.gate import Gate
from labkit.prototype.passwords import Passwords, check_listening
from labkit.prototype.project import Project
from labkit.prototype.recording import Recorder
from labkit.prototype.serving import Prototype
from ledger.application import CaseLedger
from ledger.publishing.announcer import Announcer
from ledger.settings import Settings, SettingsError, read_settings
from ledger.store.database import StoreError, StoreIsNewer
from ledger.store.vault import VaultError
from ledger.watching.logs import set_up_logs

LISTEN = "LABKIT_LISTEN"
RECORD = "LABKIT_RECORD"
LOOK_EVERY_S = 0.2


def serve(folder: Path) -> None:
    """Serve the prototype in a folder until interrupted.

    Raises:
        LabkitFailure: the project cannot be used.
    """
    settings = read_settings(os.environ)
    set_up_logs("prototype", json=settings.watching.json_logs, level=logging.WARNING)
    project = Project(folder)
    service = project.service()
    announcer = Announcer()

    @asynccontextmanager
    async def speaking(_: Litestar) -> AsyncIterator[None]:
        task = asyncio.create_task(_speak(announcer, settings))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    with CaseLedger(settings, on_commit=announcer.announce) as ledger:
        cases = Cases(ledger, service, project.offer())
        cases.publish()
        prototype = Prototype(project, cases, data=settings.data)
        listen = os.environ.get(LISTEN, settings.host)
        uvicorn.run(
            _behind_the_gate(prototype, check_listening(settings.data, listen), speaking),
            host=listen,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )


def _behind_the_gate(prototype: Prototype, passwords: Passwords, *lifespans: Any) -> ASGIApp:  # noqa: ANN401  # Litestar's
    gate = Gate(prototype, passwords)
    file = os.environ.get(RECORD)
    if not file:
        return gate.before(create_prototype(prototype, also=gate.routes(), lifespans=lifespans))
    recorder = Recorder(Path(file), prototype)
    app = create_prototype(prototype, also=gate.routes(), lifespans=[*lifespans, recorder.listening])
    return gate.before(recorder.beside(app))


async def _speak(announcer: Announcer, settings: Settings) -> None:
    """Tell the relay what is written, as soon as the ledger's own processes are there to hear it."""
    url = settings.nats_url
    while url is None:
        await asyncio.sleep(LOOK_EVERY_S)
        with suppress(NothingRunning):
            url = ledger_url(settings.data, find_instance(settings.data).nats_url)
    async with announcer.speaking(url):
        await asyncio.Event().wait()


def main(arguments: list[str] | None = None) -> int:
    """Serve, and return the exit code."""
    # uvicorn raises SIGTERM again once it has stopped serving, which would leave the ledger open.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    (folder,) = sys.argv[1:] if arguments is None else arguments
    try:
        serve(Path(folder))
    except LabkitFailure as failure:
        print(failure, file=sys.stderr)
        return int(failure.exit_code)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return int(ExitCode.USAGE)
    except (StoreError, VaultError) as error:
        print(error, file=sys.stderr)
        return int(ExitCode.NEWER_DATA if isinstance(error, StoreIsNewer) else ExitCode.STORAGE)
    return 0
