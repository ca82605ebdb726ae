"""The ledger in memory: for tests and for trying things; it forgets everything when it stops."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import starmap
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from eventsourcing.popo import POPOApplicationRecorder, POPOFactory

from ledger.domain.events import CitizenForgotten
from ledger.store.database import Group, LedgerRecorder
from ledger.store.mapper import EventRow, LedgerStoredEvent, LogRow, row_of

_FENCE = str(CitizenForgotten.__struct_config__.tag)


class _MemoryGroup(Group):
    def __init__(self, head: int, command_log: dict[UUID, bytes]) -> None:
        self.head = head
        self._command_log = command_log
        self.events: list[StoredEvent] = []
        self.answered: dict[UUID, bytes] = {}

    def verdicts(self, command_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        return {c: self._command_log[c] for c in command_ids if c in self._command_log}

    def append(self, events: Sequence[EventRow]) -> None:
        self.events += starmap(LedgerStoredEvent, events)
        self.head += len(events)

    def log(self, verdicts: Iterable[tuple[UUID, bytes]]) -> None:
        self.answered.update(verdicts)


class LedgerMemoryRecorder(POPOApplicationRecorder, LedgerRecorder):
    """The library's in-memory recorder with a command log and groups."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self._command_log: dict[UUID, bytes] = {}

    @contextmanager
    def group(self) -> Iterator[Group]:
        """Open a group under the lock; nothing is kept if the body raises."""
        with self._database_lock:
            group = _MemoryGroup(len(self._stored_events), self._command_log)
            yield group
            self._insert_events(group.events)
            self._command_log.update(group.answered)
        self._notify_listeners()

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:  # noqa: ANN401  # the library's signature
        """Append events outside the one writer, as the library's application would."""
        with self.group() as group:
            group.append([row_of(event) for event in stored_events])
            return list(range(group.head - len(stored_events) + 1, group.head + 1))

    def head(self) -> int:
        """Return the position of the last event, 0 for an empty ledger."""
        return self.max_notification_id() or 0

    def read(self, after: int, limit: int) -> list[LogRow]:
        """Return rows of the log after a position, in order."""
        with self._database_lock:
            events = self._stored_events[after : after + limit]
        return [_log_row(position, event) for position, event in enumerate(events, start=after + 1)]

    def fences(self) -> list[LogRow]:
        """Return every event that forgets a citizen."""
        return [row for row in self.read(0, self.head()) if row[2] == _FENCE]


class LedgerMemoryFactory(POPOFactory):
    """What the library builds for a ledger in memory."""

    def application_recorder(self) -> LedgerMemoryRecorder:
        """Return a new, empty recorder."""
        return LedgerMemoryRecorder()


def _log_row(position: int, event: StoredEvent) -> LogRow:
    if isinstance(event, LedgerStoredEvent):
        return position, event.event_id, event.topic, event.metadata, event.state
    return position, b"", event.topic, b"{}", event.state
