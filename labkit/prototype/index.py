"""Which cases of one service there are, found by their reference: kept in memory, read from the log as it grows.

Everything is in the ledger, so an index is made again at every start and agrees with whoever else writes.
"""

from collections.abc import Callable
from threading import Lock

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.events import ServiceEventRecorded
from ledger.domain.identifiers import CaseId, Moment
from ledger.domain.record import LoggedEvent
from ledger.domain.vocabulary import Channel

PAGE = 1000
Read = Callable[[int, int], list[LoggedEvent]]


class Entry(Struct, frozen=True, kw_only=True):
    """What a list of cases shows of one, without reading it."""

    case_id: CaseId
    reference: str
    opened_at: Moment
    touched_at: Moment
    position: int
    version: int
    channels: tuple[Channel, ...]
    names: tuple[str, ...] = ()
    closed: bool = False


class _Opening(Struct):
    reference: str | None = None


class _Named(Struct):
    name: str


class CaseIndex:
    """The cases of one service; may be asked from several threads."""

    def __init__(self, service: str, read: Read) -> None:
        """Follow a log; nothing is read before the first question."""
        self._service = service
        self._read = read
        self._lock = Lock()
        self._position = 0
        self._entries: dict[CaseId, Entry] = {}
        self._references: dict[str, CaseId] = {}

    def entries(self) -> list[Entry]:
        """Return all cases, the one that moved last first."""
        with self._lock:
            self._catch_up()
            return sorted(self._entries.values(), key=lambda entry: entry.position, reverse=True)

    def find(self, reference: str) -> CaseId | None:
        """Return the case that has a reference, however it was typed."""
        with self._lock:
            self._catch_up()
            return self._references.get(plain(reference))

    def position(self) -> int:
        """Return how far the log was read, after reading it to its end."""
        with self._lock:
            self._catch_up()
            return self._position

    def _catch_up(self) -> None:
        while page := self._read(self._position, PAGE):
            for logged in page:
                if logged.metadata.service == self._service and logged.metadata.subject is not None:
                    self._take(CaseId(logged.metadata.subject), logged)
            self._position = page[-1].position

    def _take(self, case_id: CaseId, logged: LoggedEvent) -> None:
        meta = logged.metadata
        entry = self._entries.get(case_id)
        if entry is None:
            if not logged.tag.startswith("case-opened."):
                return
            reference = msgspec.json.decode(logged.data, type=_Opening).reference or str(case_id)[:8]
            self._references[plain(reference)] = case_id
            entry = Entry(
                case_id=case_id,
                reference=reference,
                opened_at=meta.occurred_at,
                touched_at=meta.occurred_at,
                position=0,
                version=0,
                channels=(),
            )
        self._entries[case_id] = replace(
            entry,
            touched_at=max(entry.touched_at, meta.occurred_at),
            position=logged.position,
            version=entry.version + 1,
            channels=tuple(dict.fromkeys((*entry.channels, meta.channel))),
            names=_names(entry.names, logged),
            closed=_closed(logged.tag, before=entry.closed),
        )


def plain(reference: str) -> str:
    """Return a reference as it is compared: capitals and digits only."""
    return "".join(letter for letter in reference.upper() if letter.isalnum())


def _names(before: tuple[str, ...], logged: LoggedEvent) -> tuple[str, ...]:
    if logged.tag != str(ServiceEventRecorded.__struct_config__.tag):
        return before
    return tuple(dict.fromkeys((*before, msgspec.json.decode(logged.data, type=_Named).name)))


def _closed(tag: str, *, before: bool) -> bool:
    if tag.startswith("case-closed."):
        return True
    return before and not tag.startswith("case-reopened.")
