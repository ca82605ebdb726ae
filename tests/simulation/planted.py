"""Defects put in on purpose, each as an engine might have it: a simulation that does not find them proves nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from ledger.publishing.message import Message
from ledger.store.database import Group, LedgerRecorder
from ledger.store.vault import Vault
from projections.engine.items import Batch, FeedItem
from tests.simulation.effects import Effects
from tests.simulation.machine import Simulation
from tests.simulation.storage import MASTER_KEY, Disk, FragileVault, MemoryDisk
from tests.simulation.stream import SimulatedStream
from tests.simulation.views import Projector
from tests.simulation.world import World


class UnsyncedDisk(MemoryDisk):
    """Confirms what is only in the page cache: a power cut takes the last group back."""

    def close(self) -> None:
        head = self._recorder.head()
        self.copy()
        self._copied = (max(0, head - 1), self._copied[1])
        self.restore()


class AcknowledgesBeforeItIsOnDisk(Simulation):
    def new_disk(self, home: Path) -> Disk:
        return UnsyncedDisk(home)


class VerdictsApart:
    """Keeps the verdicts of a group in a transaction of their own, after that of its events."""

    def __init__(self, groups: Callable[[], AbstractContextManager[Group]], effects: Effects) -> None:
        self._groups = groups
        self._effects = effects

    @contextmanager
    def __call__(self) -> Iterator[Group]:
        with self._groups() as group:
            apart = _WithoutVerdicts(group)
            yield apart
        self._effects.reach("between events and verdicts")
        with self._groups() as group:
            group.log(apart.verdicts_given)


class _WithoutVerdicts(Group):
    def __init__(self, group: Group) -> None:
        self._group = group
        self.verdicts_given: list[tuple[UUID, bytes]] = []

    @property
    def head(self) -> int:  # type: ignore[override]  # the real group moves it
        return self._group.head

    def verdicts(self, command_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        return self._group.verdicts(command_ids)

    def append(self, events: Sequence[Any]) -> None:
        self._group.append(events)

    def log(self, verdicts: Iterable[tuple[UUID, bytes]]) -> None:
        self.verdicts_given += verdicts


class WorldOfVerdictsApart(World):
    def groups_of(self, recorder: LedgerRecorder) -> Any:
        return VerdictsApart(recorder.group, self.effects)

    def new_vault(self) -> Vault:
        """A key store that never fails leaves every fault to the defect."""
        return Vault(self.keys, MASTER_KEY)


class KeepsVerdictsApart(Simulation):
    def new_world(self, home: Path, disk: Disk) -> World:
        return WorldOfVerdictsApart(home, disk)


class UnfencedStream(SimulatedStream):
    """Takes whatever comes."""

    def takes(self, message: Message) -> bool:
        return message.position > 0


class PublishesWithoutFence(Simulation):
    def new_world(self, home: Path, disk: Disk) -> World:
        return World(home, disk, UnfencedStream())


class PositionApart(Projector):
    """Commits the rows of a page first, and the position they lead to afterwards."""

    def _fold(self, page: list[FeedItem]) -> None:
        for store in self._runner._stores:
            database, batch = store.open(), Batch.of([item for item in page if item.position > store.position()])
            store.view.fold(database, batch.of_kinds(store.view.events))
            self.effects.reach("between rows and position")
            database.execute("UPDATE view_position SET position = ?", (page[-1].position,))


class WorldOfPositionsApart(World):
    def new_projector(self, home: Path) -> Projector:
        return PositionApart(home, self.effects)


class KeepsThePositionApart(Simulation):
    def new_world(self, home: Path, disk: Disk) -> World:
        return WorldOfPositionsApart(home, disk)


class LazyVault(FragileVault):
    """Destroys a key when the next group makes keys durable, and not at once."""

    def erase(self, subject: UUID, _: str) -> None:
        self.fence(subject)


class WorldOfLazyVaults(World):
    def new_vault(self) -> FragileVault:
        return LazyVault(self.keys, self.effects)


class ForgetsToDestroyKeys(Simulation):
    def new_world(self, home: Path, disk: Disk) -> World:
        return WorldOfLazyVaults(home, disk)
