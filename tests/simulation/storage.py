"""Storage that can fail between two effects: wrappers at the edge of a real recorder and a real key store."""

import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from eventsourcing.utils import Environment

from ledger.store.database import Group, LedgerRecorder
from ledger.store.memory import LedgerMemoryRecorder
from ledger.store.sqlite import LedgerSQLiteFactory
from ledger.store.vault import Vault
from tests.simulation.effects import Effects

MASTER_KEY = bytes(range(32))


class FragileGroup(Group):
    """A group of a real recorder, with a place to fail before each of its writes."""

    def __init__(self, group: Group, effects: Effects) -> None:
        self._group = group
        self._effects = effects

    @property
    def head(self) -> int:  # type: ignore[override]  # the real group moves it
        return self._group.head

    def verdicts(self, command_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        return self._group.verdicts(command_ids)

    def append(self, events: Sequence[Any]) -> None:
        self._effects.reach("before the events")
        self._group.append(events)

    def log(self, verdicts: Iterable[tuple[UUID, bytes]]) -> None:
        self._effects.reach("before the verdicts")
        self._group.log(verdicts)


class FragileGroups:
    """Takes the place of a recorder's `group`."""

    def __init__(self, groups: Callable[[], AbstractContextManager[Group]], effects: Effects) -> None:
        self._groups = groups
        self._effects = effects

    @contextmanager
    def __call__(self) -> Iterator[Group]:
        self._effects.reach("before the group")
        with self._groups() as group:
            yield FragileGroup(group, self._effects)
            self._effects.reach("before the commit")
        self._effects.reach("after the commit")


class FragileVault(Vault):
    """The real key store, with places to fail around what it makes durable."""

    def __init__(self, path: Path, effects: Effects) -> None:
        super().__init__(path, MASTER_KEY)
        self._effects = effects

    def flush(self) -> None:
        self._effects.reach("before new keys are kept")
        super().flush()
        self._effects.reach("after new keys are kept")

    def erase(self, subject: UUID, erased_at: str) -> None:
        self._effects.reach("before a key is destroyed")
        super().erase(subject, erased_at)
        self._effects.reach("after a key is destroyed")


class Disk(Protocol):
    """What of a ledger survives the end of its processes."""

    def open(self) -> LedgerRecorder:
        """Return a recorder for one more process."""
        ...

    def copy(self) -> None:
        """Keep the state of now, replacing the copy before."""
        ...

    def restore(self) -> None:
        """Go back to the copy; no process is running."""
        ...

    def close(self) -> None:
        """End every process: what was not committed is gone."""
        ...


class MemoryDisk:
    """The ledger in memory, which outlives its writers here."""

    def __init__(self, _: Path) -> None:
        self._recorder = LedgerMemoryRecorder()
        self._groups = self._recorder.group
        self._copied: tuple[int, dict[UUID, bytes]] = (0, {})

    def open(self) -> LedgerRecorder:
        return _Shared(self._recorder)  # type: ignore[return-value]  # passes everything on

    def copy(self) -> None:
        self._copied = (self._recorder.head(), dict(self._recorder._command_log))

    def restore(self) -> None:
        head, verdicts = self._copied
        kept = self._recorder._stored_events[:head]
        self._recorder = LedgerMemoryRecorder()
        with self._recorder._database_lock:
            self._recorder._insert_events(kept)
        self._recorder._command_log.update(verdicts)

    def close(self) -> None:
        """Nothing is open."""


class _Shared:
    """The one recorder in memory, seen by one process: its `group` can be replaced without touching the others'."""

    def __init__(self, recorder: LedgerRecorder) -> None:
        self._recorder = recorder
        self.group = recorder.group

    def __getattr__(self, name: str) -> Any:
        return getattr(self._recorder, name)


class SqliteDisk:
    """The ledger in a SQLite file: a closed connection drops what it had not committed."""

    def __init__(self, home: Path) -> None:
        self._file = home / "ledger.db"
        self._older = home / "ledger.older"
        self._factories: list[LedgerSQLiteFactory] = []

    def open(self) -> LedgerRecorder:
        factory = LedgerSQLiteFactory(Environment("CaseLedger", {"SQLITE_DBNAME": self._file.as_uri()}))
        self._factories.append(factory)
        recorder = factory.application_recorder()
        assert isinstance(recorder, LedgerRecorder)
        return recorder

    def copy(self) -> None:
        self._older.unlink(missing_ok=True)
        with closing(sqlite3.connect(self._file)) as live, closing(sqlite3.connect(self._older)) as copy:
            live.backup(copy)

    def restore(self) -> None:
        for path in self._file.parent.glob("ledger.db*"):
            path.unlink()
        shutil.copy(self._older, self._file)

    def close(self) -> None:
        for factory in self._factories:
            factory.close()
        self._factories.clear()
