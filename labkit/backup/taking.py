"""A backup from beginning to end, of a ledger that goes on being written.

The order is what makes the parts fit: webhooks before the log, so that they never say they delivered what the log
does not hold; keys after it, so that no event of the log is without the key that was made for it.
"""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from msgspec import Struct
from msgspec.structs import replace

from labkit.backup.contents import SETTINGS, personal_files, strangers, webhooks_file
from labkit.backup.copying import GrowingBackup, Progress, growing_backup, one_moment, write_private
from labkit.backup.driver import driver
from labkit.backup.failures import BackupFailed, NotApart, OpenToOthers, TargetInUse
from labkit.backup.log_facts import log_facts
from labkit.backup.manifest import Kind, LogFacts, Manifest, write_manifest
from labkit.exports.failures import NoLedger
from labkit.prerequisites import check_version, environment_settings
from labkit.scaffold.kit import version
from ledger.access.registry import AccessError, Registry
from ledger.settings import Settings

Counts = dict[str, int]
_OTHERS = 0o077


class Wanted(Struct, frozen=True, kw_only=True):
    """What is backed up, and where to; without `keys` and `master_key`, neither leaves."""

    data: Path
    target: Path
    keys: Path | None = None
    master_key: Path | None = None


class BackupSummary(Struct, frozen=True, kw_only=True):
    """What was backed up; `left_out` are names in the data directory that nobody knows here."""

    target: str
    keys: str | None
    master_key: str | None
    position: int
    events: int
    files: int
    size_bytes: int
    left_out: list[str]
    seconds: float


def backup(
    wanted: Wanted,
    on_progress: Progress = lambda *_: None,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> BackupSummary:
    """Back up a ledger, whether or not an instance runs on it.

    Raises:
        LabkitFailure: something stands in the way; then nothing is left that could be taken for a backup.
    """
    began_s = monotonic()
    settings = replace(environment_settings(), data=wanted.data)
    _check(wanted, settings)
    made_at = clock()
    with growing_backup(wanted.target, on_progress) as growing:
        counts = _take_settings(growing, settings)
        facts = _take_log(growing, settings)
        if wanted.keys is not None:
            with growing_backup(wanted.keys, on_progress) as opening:
                _take_what_opens(opening, settings, facts=facts, made_at=made_at)
        if wanted.master_key is not None:
            _copy_master_key(settings, wanted.master_key)
        _finish(growing, "ledger", facts=facts, counts=counts, made_at=made_at)
    return BackupSummary(
        target=str(wanted.target),
        keys=str(wanted.keys) if wanted.keys else None,
        master_key=str(wanted.master_key) if wanted.master_key else None,
        position=facts.position,
        events=facts.events,
        files=len(growing.files),
        size_bytes=sum(file.size_bytes for file in growing.files),
        left_out=strangers(wanted.data),
        seconds=round(monotonic() - began_s, 3),
    )


def _check(wanted: Wanted, settings: Settings) -> None:
    if not settings.data.is_dir() or not (settings.database_url or settings.ledger_file.exists()):
        raise NoLedger(data=settings.data)
    check_version(settings.data, settings)
    places = [place for place in (settings.data, wanted.target, wanted.keys, wanted.master_key) if place is not None]
    for inner in places:
        for outer in places:
            if inner is not outer and inner.resolve().is_relative_to(outer.resolve()):
                raise NotApart(inner=inner, outer=outer)
    if wanted.master_key is not None and wanted.master_key.exists():
        raise TargetInUse(target=wanted.master_key)


def _take_settings(growing: GrowingBackup, settings: Settings) -> Counts:
    for name in SETTINGS:
        if (settings.data / name).exists():
            growing.take(settings.data / name, name)
    counts = {"integrators": _integrators(growing.folder)}
    file = webhooks_file(settings)
    if file.exists():
        with one_moment(file) as database:
            (counts["webhooks"],) = database.execute("SELECT COUNT(*) FROM endpoint").fetchone()
            growing.take_database(database, file.name)
    return counts


def _integrators(folder: Path) -> int:
    try:
        return len(Registry(folder).all())
    except AccessError as error:
        raise BackupFailed(target=folder, reason=error) from error


def _take_log(growing: GrowingBackup, settings: Settings) -> LogFacts:
    if settings.database_url:
        return _dump(growing, settings.database_url)
    with one_moment(settings.ledger_file) as database:
        facts = log_facts(database, "sqlite")
        growing.take_database(database, settings.ledger_file.name)
    return facts


def _dump(growing: GrowingBackup, url: str) -> LogFacts:
    postgresql = driver("postgresql")
    facts: LogFacts = postgresql.dump(url, growing.new_file(postgresql.DUMP))
    growing.add(postgresql.DUMP)
    return facts


def _take_what_opens(growing: GrowingBackup, settings: Settings, *, facts: LogFacts, made_at: datetime) -> None:
    growing.folder.chmod(0o700)
    if growing.folder.stat().st_mode & _OTHERS:  # a disk that knows no owners says yes to everything and does nothing
        raise OpenToOthers(target=growing.folder)
    counts = _take_keys(growing, settings)
    for file in personal_files(settings.data):
        growing.take(file, file.relative_to(settings.data).as_posix())
    _finish(growing, "keys", facts=facts, counts=counts, made_at=made_at)


def _take_keys(growing: GrowingBackup, settings: Settings) -> Counts:
    name = settings.vault_file.relative_to(settings.data).as_posix()
    if settings.keys_database_url:
        file = growing.new_file(name)
        driver("shared_keys").take_keys(settings.keys_database_url, file)
        growing.add(name)
        with one_moment(file) as database:
            return _key_counts(database)
    if not settings.vault_file.exists():
        raise BackupFailed(target=growing.folder, reason=f"{settings.vault_file} is missing")
    with one_moment(settings.vault_file) as database:
        growing.take_database(database, name)
        return _key_counts(database)


def _key_counts(database: sqlite3.Connection) -> Counts:
    keys, erased = database.execute("SELECT COUNT(wrapped), COUNT(erased_at) FROM subject_key").fetchone()
    return {"keys": keys, "erased": erased}


def _copy_master_key(settings: Settings, file: Path) -> None:
    """Copy the master key to a place of its own: beside the keys that it wraps, it would be a key under the mat."""
    try:
        secret = settings.master_key_file.read_bytes()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(file, secret)
    except OSError as error:
        raise BackupFailed(target=file, reason=error) from error


def _finish(growing: GrowingBackup, kind: Kind, *, facts: LogFacts, counts: Counts, made_at: datetime) -> None:
    write_manifest(
        growing.folder,
        Manifest(
            kind=kind,
            made_by=version(),
            made_at=made_at,
            log=facts,
            counts=counts,
            files=tuple(growing.files),
        ),
    )
