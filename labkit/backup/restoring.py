"""A restoration from beginning to end: a new data directory that appears when it is whole, and not before.

It is made under a hidden name beside its place. Only when every file was checked, the log read from its first event
to its last and every erasure in it done again does it take the name under which something could serve from it.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from labkit.backup.copying import Progress, put_back, write_private
from labkit.backup.driver import driver
from labkit.backup.failures import (
    DataInUse,
    MasterKeyNeeded,
    OtherLedger,
    OtherStore,
    RestoreFailed,
    WrongMasterKey,
)
from labkit.backup.fences import Settled, read_log, settle_keys
from labkit.backup.manifest import Manifest, read_manifest, sync_folder
from labkit.exports.reading import events_of, opened_log
from labkit.prerequisites import environment_settings
from ledger.publishing.epochs import FILE as EPOCHS
from ledger.publishing.epochs import Epoch, keep_epochs, number_of, read_epochs
from ledger.settings import Settings
from ledger.store.master_key import read_or_make_master_key
from ledger.store.vault import Vault, VaultError


class Asked(Struct, frozen=True, kw_only=True):
    """What is restored, and where to; `dark` accepts that texts whose keys are not there are lost for ever."""

    backup: Path
    data: Path
    keys: Path | None = None
    master_key: Path | None = None
    dark: bool = False


class RestoreSummary(Struct, frozen=True, kw_only=True):
    """What was restored, and what became of the keys.

    `forgotten` were forgotten in this ledger, `darkened` of them by this restoration; `lost` have no key any more;
    `unfenced` had been destroyed in the keys though the ledger, older than they, does not know. `epoch` is the one
    that the stream begins, unless it lies on a server of its own, where it first has to be compared.
    """

    data: str
    position: int
    made_at: datetime
    forgotten: int
    darkened: int
    lost: int
    unfenced: list[UUID]
    epoch: int | None
    seconds: float


def restore(
    asked: Asked,
    on_progress: Progress = lambda *_: None,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> RestoreSummary:
    """Restore a ledger into a new data directory, with its keys if they are given.

    Raises:
        LabkitFailure: it cannot be done; the data directory, and the database, are as they were.
    """
    began_s = monotonic()
    manifest, keys = _manifests(asked)
    settings = environment_settings()
    _check(asked, manifest, settings)
    now = clock()
    with ExitStack() as until_done, _appearing(asked.data) as staged:
        _put_back(asked.backup, manifest, into=staged, on_progress=on_progress)
        if asked.keys and keys:
            _put_back(asked.keys, keys, into=staged, on_progress=on_progress)
        if settings.database_url:
            until_done.enter_context(_loaded(settings.database_url, staged))
        settled = _settle(asked, replace(settings, data=staged), at=now, on_progress=on_progress)
        if settings.keys_database_url:
            file = replace(settings, data=staged).vault_file
            until_done.enter_context(driver("shared_keys").placed(settings.keys_database_url, file))
        epoch = None if settings.nats_url else _begin_epoch(staged, Epoch(manifest.log.position, now))
    return RestoreSummary(
        data=str(asked.data),
        position=manifest.log.position,
        made_at=manifest.made_at,
        forgotten=settled.forgotten,
        darkened=settled.darkened,
        lost=settled.lost,
        unfenced=settled.unfenced,
        epoch=epoch,
        seconds=round(monotonic() - began_s, 3),
    )


def _manifests(asked: Asked) -> tuple[Manifest, Manifest | None]:
    manifest = read_manifest(asked.backup, "ledger")
    keys = read_manifest(asked.keys, "keys") if asked.keys else None
    if keys and asked.master_key is None:
        raise MasterKeyNeeded(keys=asked.keys)
    # A ledger that was empty then has no first event, and may since have become any.
    if keys and None not in (keys.log.ledger, manifest.log.ledger) and keys.log.ledger != manifest.log.ledger:
        raise OtherLedger(keys=asked.keys)
    return manifest, keys


def _check(asked: Asked, manifest: Manifest, settings: Settings) -> None:
    store = "postgresql" if settings.database_url else "sqlite"
    if manifest.log.store != store:
        raise OtherStore(store=manifest.log.store)
    # A directory where something runs, or ran, holds at least its lock.
    if asked.data.exists() and (not asked.data.is_dir() or any(asked.data.iterdir())):
        raise DataInUse(data=asked.data)
    if settings.database_url:
        driver("postgresql").check_empty(settings.database_url)
    if settings.keys_database_url:
        driver("shared_keys").check_empty(settings.keys_database_url)


@contextmanager
def _appearing(data: Path) -> Iterator[Path]:
    """Give a hidden directory to fill, which takes its name at the end, over nothing or over an empty directory."""
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{data.name}.", dir=data.parent, ignore_cleanup_errors=True) as hidden:
            staged = Path(hidden) / "data"
            staged.mkdir(mode=0o700)
            yield staged
            sync_folder(staged)
            staged.replace(data)
            sync_folder(data.parent)
    except (OSError, sqlite3.Error) as error:
        raise RestoreFailed(data=data, reason=error) from error


def _put_back(backup: Path, manifest: Manifest, *, into: Path, on_progress: Progress) -> None:
    done, total = 0, sum(file.size_bytes for file in manifest.files)
    for file in manifest.files:
        put_back(backup, file, into=into)
        done += file.size_bytes
        on_progress(file.path, done, total)


@contextmanager
def _loaded(url: str, staged: Path) -> Iterator[None]:
    postgresql = driver("postgresql")
    dumped = staged / postgresql.DUMP
    with postgresql.loaded(url, dumped):
        dumped.unlink()
        yield


def _settle(asked: Asked, settings: Settings, *, at: datetime, on_progress: Progress) -> Settled:
    _unlock(asked, settings)
    with opened_log(settings.data) as log:
        head = log.head()
        events = events_of(log, lambda position, _: on_progress(settings.ledger_file.name, position, head))
        read = read_log(events, asked.backup)
    return settle_keys(settings.vault_file, read, at=at, dark=asked.dark)


def _unlock(asked: Asked, settings: Settings) -> None:
    """Put the master key in its place and make sure that it opens the keys; without any, both begin anew, empty."""
    settings.vault_file.parent.mkdir(mode=0o700, exist_ok=True)
    if asked.master_key is not None:
        write_private(settings.master_key_file, asked.master_key.read_bytes())
    try:
        Vault(settings.vault_file, read_or_make_master_key(settings.master_key_file)).close()
    except VaultError as error:
        raise WrongMasterKey(file=asked.master_key, reason=error) from error


def _begin_epoch(staged: Path, epoch: Epoch) -> int:
    """Let the stream that will be made say up to where it is the one that was read before, and return its number."""
    epochs = (*read_epochs(staged), epoch)
    keep_epochs(staged, epochs)
    (staged / EPOCHS).chmod(0o600)
    return number_of(epochs)
