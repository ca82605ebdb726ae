"""A ledger to back up, with a prototype beside it, and the three places that a backup goes to."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from labkit.backup.restoring import Asked, RestoreSummary, restore
from labkit.backup.taking import BackupSummary, Wanted, backup
from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.commands import LedgerCommand
from ledger.domain.identifiers import CaseId, CitizenRef, CommandId
from ledger.settings import Settings, read_settings

Log = list[tuple[int, UUID, str, bytes]]
DOCUMENT = "documents/ab/abcdef"


class Places(NamedTuple):
    """Where a backup goes: the ledger, the keys, the master key."""

    target: Path
    keys: Path
    master_key: Path

    @classmethod
    def under(cls, folder: Path, name: str = "monday") -> "Places":
        return cls(folder / name / "ledger", folder / name / "keys", folder / name / "safe" / "master.key")


def _settings(data: Path) -> Settings:
    """The ledger of a data directory, or the one that the environment names."""
    return replace(read_settings(os.environ), data=data)


def execute(data: Path, *asked: LedgerCommand) -> None:
    """Have commands answered by the ledger of a data directory."""
    with CaseLedger(_settings(data)) as ledger:
        for command in asked:
            assert ledger.execute(command, cast.stamp(command.occurred_at)).verdict.code is None


def begin(data: Path) -> None:
    """Let Mme Lafourcade come to the counter."""
    execute(data, commands.register_authority(), commands.publish_service(), commands.open_case())


def opened_for(name: str) -> LedgerCommand:
    """Another case, of another citizen."""
    return replace(
        commands.open_case(),
        command_id=cast.command_id(name),
        case_id=CaseId(cast.identifier(f"case of {name}")),
        citizen=CitizenRef(cast.identifier(name)),
        reference=f"RS {name}",
        title=f"Une place pour l’enfant de {name}",
    )


def forgotten(citizen: UUID) -> LedgerCommand:
    """The erasure of a citizen."""
    return replace(
        commands.forget_citizen(),
        command_id=CommandId(cast.identifier(f"forget {citizen}")),
        citizen=CitizenRef(citizen),
    )


def back_up(data: Path, places: Places) -> BackupSummary:
    """Back up everything, each to its place."""
    return backup(Wanted(data=data, target=places.target, keys=places.keys, master_key=places.master_key))


def restore_from(ledger: Places, keys: Places, data: Path, *, dark: bool = False) -> RestoreSummary:
    """Restore the ledger of one backup with the keys of another."""
    return restore(
        Asked(backup=ledger.target, keys=keys.keys, master_key=keys.master_key, data=data, dark=dark),
    )


def log_of(data: Path) -> Log:
    """Every event of a ledger, as it is stored."""
    with CaseLedger(_settings(data)) as ledger:
        return [(row.position, row.event_id, row.tag, row.data) for row in ledger.read(0, ledger.head())]


def texts_of(data: Path, citizen: UUID) -> set[str | None]:
    """What the titles of a citizen's cases say to who may read them; `None` is darkness."""
    with CaseLedger(_settings(data)) as ledger:
        return {ledger.reveal(title) for title in _titles(ledger, citizen)}


def _titles(ledger: CaseLedger, citizen: UUID) -> list[str]:
    cases = {row.metadata.subject for row in ledger.read(0, ledger.head()) if row.tag == "case-opened.v1"}
    events = [recorded.event for case in cases if case for recorded in ledger.history(case)]
    return [event.title for event in events if getattr(event, "citizen", None) == citizen and hasattr(event, "title")]


def files_below(folder: Path) -> dict[str, int]:
    """Every file, with the rights on it."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()
    }


Break = Callable[[Places], object]
