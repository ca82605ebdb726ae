"""Files and databases into a folder that becomes a backup, each with its SHA-256; if anything stops, it is emptied.

A database is copied through SQLite within one read transaction: the copy is the database at one moment, however much
is written meanwhile, and a copied file alone would not be.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import file_digest
from pathlib import Path

from labkit.backup.failures import BackupDamaged, BackupFailed, TargetInUse
from labkit.backup.manifest import BackedUpFile, sync_folder

Progress = Callable[[str, int, int], None]
"""Hears what is being copied, how much of it is done, and how much there is."""

PAGES_A_STEP = 2_000
CHUNK_BYTES = 1_048_576


class GrowingBackup:
    """A folder on its way to being a backup."""

    def __init__(self, folder: Path, on_progress: Progress) -> None:
        self.folder = folder
        self.files: list[BackedUpFile] = []
        self._on_progress = on_progress

    def take(self, source: Path, name: str) -> None:
        """Copy a file; one that is gone by now was not there at the moment of the backup."""
        with suppress(FileNotFoundError), source.open("rb") as read:
            with self.new_file(name).open("wb") as written:
                shutil.copyfileobj(read, written, CHUNK_BYTES)
            self.add(name)

    def take_database(self, database: sqlite3.Connection, name: str) -> None:
        """Copy what a connection sees in the transaction that it is in."""
        with closing(sqlite3.connect(self.new_file(name), isolation_level=None)) as copy:
            # What is half-written is thrown away, so nothing has to be durable or undone before the end.
            for pragma in ("journal_mode=OFF", "synchronous=OFF"):
                copy.execute(f"PRAGMA {pragma}")
            database.backup(
                copy,
                pages=PAGES_A_STEP,
                progress=lambda _, left, total: self._on_progress(name, total - left, total),
            )
        self.add(name)

    def new_file(self, name: str) -> Path:
        """Make an empty file that its owner alone may read."""
        file = self.folder / name
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return file

    def add(self, name: str) -> None:
        """Note a file that is whole, and make it durable."""
        with (self.folder / name).open("rb") as file:
            os.fsync(file.fileno())
            digest = file_digest(file, "sha256").hexdigest()
            size_bytes = file.tell()
        sync_folder((self.folder / name).parent)
        self.files.append(BackedUpFile(path=name, size_bytes=size_bytes, sha256=digest))
        self._on_progress(name, size_bytes, size_bytes)


@contextmanager
def growing_backup(folder: Path, on_progress: Progress) -> Iterator[GrowingBackup]:
    """Give an empty folder to fill, made where there is none; it is emptied again if anything stops.

    Raises:
        TargetInUse: something is in it.
        BackupFailed: it cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise TargetInUse(target=folder)
    except OSError as error:
        raise BackupFailed(target=folder, reason=error) from error
    try:
        yield GrowingBackup(folder, on_progress)
    except BaseException as error:
        _empty(folder)
        if isinstance(error, (OSError, sqlite3.Error)):
            raise BackupFailed(target=folder, reason=error) from error
        raise


@contextmanager
def one_moment(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a database as it is now, and keep seeing it so; who writes to a database in WAL mode goes on."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)) as database:
        database.execute("PRAGMA busy_timeout=5000")
        database.execute("BEGIN")
        database.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()  # the moment is that of the first read
        yield database
        database.execute("ROLLBACK")


def put_back(backup: Path, listed: BackedUpFile, *, into: Path) -> None:
    """Copy a file of a backup to its place in a data directory, sure that it is the one that was backed up.

    Raises:
        BackupDamaged: it is gone, cut or altered.
    """
    place = into / listed.path
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(place, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as written:
        try:
            with (backup / listed.path).open("rb") as read:
                shutil.copyfileobj(read, written, CHUNK_BYTES)
        except FileNotFoundError as error:
            raise BackupDamaged(file=backup / listed.path) from error
        written.flush()
        os.fsync(written.fileno())
        written.seek(0)
        # What is compared is what will be used, not what somebody may still change in the backup.
        if file_digest(written, "sha256").hexdigest() != listed.sha256:
            raise BackupDamaged(file=backup / listed.path)


def write_private(file: Path, content: bytes) -> None:
    """Write a new file that its owner alone may read, or none."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(descriptor)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
