"""The log of a ledger as an export reads it: without keys, from the first event to where it stood at the start.

Personal fields come as the sealed tokens that are stored; `telling.py` leaves them out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from msgspec import DecodeError, Struct
from msgspec.structs import replace

from labkit.exports.failures import NoLedger, UnreadableEvent
from labkit.failures import NewerData, StorageFailed
from labkit.prerequisites import environment_settings
from ledger.application import ReadOnlyLog
from ledger.domain.events import LedgerEvent
from ledger.domain.record import LoggedEvent
from ledger.store.database import StoreError, StoreIsNewer
from ledger.store.mapper import UnknownTag, decode_event

EVENTS_A_READ = 1000

Progress = Callable[[int, int], None]


class Log(Protocol):
    """Whatever holds events in ledger order."""

    def head(self) -> int:
        """Return the position of the last event."""
        ...

    def read(self, after: int, limit: int) -> list[LoggedEvent]:
        """Return events after a position."""
        ...


class Recorded(Struct, frozen=True):
    """One event with its place in the ledger."""

    logged: LoggedEvent
    event: LedgerEvent


@contextmanager
def opened_log(data: Path) -> Iterator[Log]:
    """Open the ledger of a data directory, or that of `DATABASE_URL`, whether or not an instance runs on it.

    Raises:
        NoLedger: there is none, and reading would make one.
        NewerData: a newer Collectivilab wrote it.
        StorageFailed: the database cannot be read.
    """
    settings = replace(environment_settings(), data=data)
    if not settings.database_url and not settings.ledger_file.exists():
        raise NoLedger(data=data)
    try:
        log = ReadOnlyLog(settings)
        try:
            yield log
        finally:
            log.close()
    except (StoreIsNewer, UnknownTag) as error:
        raise NewerData(data=data) from error
    except StoreError as error:
        raise StorageFailed(reason=error) from error


def events_of(log: Log, on_progress: Progress = lambda *_: None) -> Iterator[Recorded]:
    """Yield the events that the log holds now, in order; `on_progress` hears how many were read, of how many."""
    head, position = log.head(), 0
    while position < head:
        page = log.read(position, min(EVENTS_A_READ, head - position))
        if not page:
            raise UnreadableEvent(position=position + 1, reason=f"the log ends before {head}")
        for logged in page:
            yield Recorded(logged, _decoded(logged))
        position = page[-1].position
        on_progress(position, head)


def _decoded(logged: LoggedEvent) -> LedgerEvent:
    try:
        return decode_event(logged.tag, logged.data)
    except (DecodeError, UnicodeDecodeError) as error:
        raise UnreadableEvent(position=logged.position, reason=error) from error
