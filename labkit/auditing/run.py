"""The whole of `labkit audit`: against a running instance, or against what one left, with servers of its own."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from labkit.auditing.auditor import Audit, Auditor
from labkit.auditing.failures import AuditInterrupted
from labkit.auditing.streams import StreamSilent, open_stream
from labkit.auditing.views import all_noted, refold
from labkit.failures import NatsUnreachable, NothingRunning
from labkit.prerequisites import environment_settings
from labkit.restreaming.server import serving_readers
from ledger.application import ReadOnlyLog
from ledger.publishing import jetstream
from ledger.settings import Settings
from projections.engine.place import ViewsUnreachable, place_of

Progress = Callable[[int, int], None]


def audit(data: Path, *, position: int, deep: bool, on_progress: Progress = lambda _, __: None) -> Audit:
    """Compare the ledger of a data directory with its stream and its views, from the range of a position on.

    Raises:
        LabkitFailure: there is no such ledger, or what is to be compared cannot be read.
    """
    settings = replace(environment_settings(), data=data)
    if not (settings.database_url or settings.ledger_file.exists()):
        raise NothingRunning(where=data)
    with closing(ReadOnlyLog(settings)) as log, serving_readers(data, settings.nats_url) as url:
        try:
            done = asyncio.run(_compared(log, settings, url, position, on_progress))
            if not deep:
                return done
            place = place_of(data, settings.database_url)
            return replace(done, findings=[*done.findings, *refold(log, place, on_progress)])
        except jetstream.NatsUnreachable as error:
            raise NatsUnreachable(url=url.rpartition("@")[2]) from error
        except (StreamSilent, ViewsUnreachable, sqlite3.Error) as error:
            raise AuditInterrupted(reason=error) from error


async def _compared(log: ReadOnlyLog, settings: Settings, url: str, position: int, on_progress: Progress) -> Audit:
    place = place_of(settings.data, settings.database_url)
    stream = await open_stream(url)
    try:
        auditor = Auditor(log, stream, lambda: all_noted(place), source=settings.source)
        return await auditor.run(position, on_progress)
    finally:
        await stream.close()
