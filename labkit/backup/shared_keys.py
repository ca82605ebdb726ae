"""Keys that several machines share on PostgreSQL, taken out as the file of one machine's key store, and put back.

Erasures are done again on that file, before: PostgreSQL overwrites nothing in place, so what is to be destroyed must
never reach it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import errors

from labkit.backup.failures import BackupFailed, DatabaseInUse, RestoreFailed
from labkit.failures import StorageFailed
from ledger.store.database import StoreError
from ledger.store.key_store import VaultError
from ledger.store.key_store_postgresql import SETTING, PostgresKeyStore
from ledger.store.key_store_sqlite import SQLiteKeyStore
from ledger.store.postgresql_server import Address, place, read_address

ROWS_A_READ = 10_000
_ROWS = "SELECT subject, generation, epoch, wrapped, erased_at FROM subject_key"
_KEEP = "INSERT INTO subject_key(subject, generation, epoch, wrapped, erased_at) VALUES(?,?,?,?,?)"
_PLACE = "COPY subject_key(subject, generation, epoch, wrapped, erased_at) FROM STDIN"


def take_keys(url: str, file: Path) -> None:
    """Write all keys of one moment into a new file.

    Raises:
        BackupFailed: they cannot be read.
    """
    address = _address(url)
    SQLiteKeyStore(file).close()
    try:
        with psycopg.connect(**address) as shared, closing(sqlite3.connect(file, isolation_level=None)) as kept:
            shared.read_only = True
            kept.execute("BEGIN")
            with shared.cursor(name="keys") as rows:
                rows.itersize = ROWS_A_READ
                rows.execute(_ROWS)
                kept.executemany(_KEEP, ((subject.bytes, *rest) for subject, *rest in rows))
            kept.execute("COMMIT")
    except psycopg.Error as error:
        raise BackupFailed(target=file, reason=error) from error


def check_empty(url: str) -> None:
    """Make sure that no keys are where keys are to be restored.

    Raises:
        DatabaseInUse: some are.
        RestoreFailed: the server cannot be asked.
    """
    address = _address(url)
    try:
        with psycopg.connect(**address) as shared:
            found = shared.execute(f"{_ROWS} LIMIT 1").fetchone()
    except errors.UndefinedTable:
        return
    except psycopg.Error as error:
        raise RestoreFailed(data=place(address), reason=error) from error
    if found:
        raise DatabaseInUse(place=place(address))


@contextmanager
def placed(url: str, file: Path) -> Iterator[None]:
    """Move the keys of a file into an empty database; they are taken out again if what follows fails.

    Raises:
        RestoreFailed: the server refuses.
    """
    address = _address(url)
    try:
        PostgresKeyStore(url).close()
        _place(address, file)
    except (psycopg.Error, StoreError, VaultError) as error:
        raise RestoreFailed(data=place(address), reason=error) from error
    file.unlink()
    try:
        yield
    except BaseException:
        with psycopg.connect(**address) as shared:
            shared.execute("TRUNCATE subject_key")
        raise


def _place(address: Address, file: Path) -> None:
    with (
        closing(sqlite3.connect(file)) as kept,
        psycopg.connect(**address) as shared,
        shared.cursor() as cursor,
        cursor.copy(_PLACE) as placing,
    ):
        for subject, *rest in kept.execute(_ROWS):
            placing.write_row((UUID(bytes=subject), *rest))


def _address(url: str) -> Address:
    try:
        return read_address(url, setting=SETTING)
    except StoreError as error:
        raise StorageFailed(reason=error) from error
