"""What the ledger asks of a database beyond the library's recorder: groups, verdicts, gapless positions.

A group is one exclusive write transaction: the head of the log is read and moved inside it, so positions
have no gap, and what a writer decides inside it cannot be contradicted by another process.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder

from ledger.store.mapper import EventRow, LogRow

SCHEMA_VERSION = 1
LOCK_TIMEOUT_S = 10.0


class StoreError(Exception):
    """The ledger's database cannot do its work: nothing of the group was kept."""


class StoreIsFull(StoreError):
    """There is no room left on the disk."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("The disk of the ledger is full: free some space, then send the command again, unchanged.")


class StoreIsBusy(StoreError):
    """More commands wait than the ledger takes."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Too many commands are waiting: send this one again, unchanged, in a moment.")


class StoreIsLocked(StoreIsBusy):
    """Another process holds the ledger."""

    def __init__(self) -> None:
        """Say what to do."""
        StoreError.__init__(self, "Another process holds the ledger: send the command again, unchanged, in a moment.")


class StoreIsNewer(StoreError):
    """The database was written by a newer version of the ledger."""

    def __init__(self, found: int) -> None:
        """Name both versions."""
        super().__init__(
            f"This ledger has schema version {found}, but this program knows versions up to {SCHEMA_VERSION}: "
            "upgrade collectivilab, or point it at another data directory."
        )


class Group(Protocol):
    """One write transaction, all or nothing."""

    head: int

    def verdicts(self, command_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """Return what was answered to those of the commands that were seen before."""
        ...

    def append(self, events: Sequence[EventRow]) -> None:
        """Append events at the positions after `head`, and move `head`."""
        ...

    def log(self, verdicts: Iterable[tuple[UUID, bytes]]) -> None:
        """Keep what is answered to each command."""
        ...


class LedgerRecorder(ApplicationRecorder, ABC):
    """An application recorder of the library with what the ledger needs on top."""

    @abstractmethod
    def group(self) -> AbstractContextManager[Group]:
        """Open a group; it commits on leaving, and leaves no trace after an exception."""

    @abstractmethod
    def read(self, after: int, limit: int) -> list[LogRow]:
        """Return rows of the log after a position, in order."""

    @abstractmethod
    def fences(self) -> list[LogRow]:
        """Return every event that forgets a citizen."""

    @abstractmethod
    def head(self) -> int:
        """Return the position of the last event, 0 for an empty ledger."""
