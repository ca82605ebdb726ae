"""Forgetting, replayed: no key that a backup brings back outlives the fence that its ledger holds.

A backup of keys is older than some erasures, and newer than others. Both ways nobody comes back: what the ledger says
was forgotten is destroyed here, and what was destroyed in the keys already stays so.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from uuid import UUID

from msgspec import Struct

from labkit.backup.failures import BackupDamaged, KeysMissing
from labkit.exports.reading import Recorded
from ledger.domain.citizen import personal_fields
from ledger.domain.events import CitizenForgotten
from ledger.store.key_store import EPOCH, GENERATION
from ledger.store.vault import read_header


class ReadLog(Struct):
    """What a whole log says of people: who was forgotten, when; whose texts it holds."""

    position: int = 0
    fences: dict[UUID, str] = {}
    subjects: set[UUID] = set()


class Settled(Struct, frozen=True, kw_only=True):
    """What became of the keys; `unfenced` were destroyed already, though this ledger does not know that they were."""

    forgotten: int
    darkened: int
    lost: int
    unfenced: list[UUID]


def read_log(events: Iterable[Recorded], file: Path) -> ReadLog:
    """Read a log from its first event to its last.

    Raises:
        BackupDamaged: a position is missing.
    """
    read = ReadLog()
    for recorded in events:
        read.position += 1
        if recorded.logged.position != read.position:
            raise BackupDamaged(file=file)
        event = recorded.event
        if isinstance(event, CitizenForgotten):
            read.fences.setdefault(event.citizen, event.stamp.recorded_at.isoformat())
        tokens = (getattr(event, name) for name in personal_fields(type(event)))
        read.subjects.update(read_header(token).subject for token in tokens if token)
    return read


def settle_keys(file: Path, read: ReadLog, *, at: datetime, dark: bool) -> Settled:
    """Make a key store agree with a log: every fence stands, and every subject has a key or a fence.

    A subject without either would get a new key at the next contact, which cannot open what the lost one sealed.

    Raises:
        KeysMissing: keys are not there, and nobody said that what they sealed may stay dark; nothing was changed.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        # As the key store itself: what is overwritten is in no other file, and not in this one.
        for pragma in ("journal_mode=DELETE", "synchronous=FULL", "secure_delete=ON"):
            database.execute(f"PRAGMA {pragma}")
        live, erased = _subjects(database)
        lost = read.subjects - live - erased - read.fences.keys()
        if lost and not dark:
            raise KeysMissing(subjects=len(lost))
        database.execute("BEGIN IMMEDIATE")
        _erase(database, read.fences.items())
        _erase(database, ((subject, at.isoformat()) for subject in lost))
        database.execute("COMMIT")
    return Settled(
        forgotten=len(read.fences),
        darkened=len(live & read.fences.keys()),
        lost=len(lost),
        unfenced=sorted(erased - read.fences.keys()),
    )


def _subjects(database: sqlite3.Connection) -> tuple[set[UUID], set[UUID]]:
    """Return who has a key, and whose key was destroyed."""
    live: set[UUID] = set()
    erased: set[UUID] = set()
    for subject, has_key in database.execute("SELECT subject, wrapped IS NOT NULL FROM subject_key"):
        (live if has_key else erased).add(UUID(bytes=subject))
    return live, erased


def _erase(database: sqlite3.Connection, fences: Iterable[tuple[UUID, str]]) -> None:
    """Leave what `Vault.erase` leaves, for many at once and with one commit."""
    database.executemany(
        "INSERT INTO subject_key(subject, generation, epoch, wrapped, erased_at) VALUES(?,?,?,NULL,?)"
        " ON CONFLICT(subject) DO UPDATE SET wrapped = NULL, erased_at = excluded.erased_at WHERE erased_at IS NULL",
        ((subject.bytes, GENERATION, EPOCH, erased_at) for subject, erased_at in fences),
    )
