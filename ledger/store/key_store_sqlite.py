"""The keys in a SQLite file, apart from the ledger and readable by its owner alone: for one machine."""

import sqlite3
import stat
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from ledger.store.key_store import EPOCH, GENERATION

_SCHEMA = """
CREATE TABLE IF NOT EXISTS subject_key(
    subject BLOB PRIMARY KEY,
    generation INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    wrapped BLOB,
    erased_at TEXT
) WITHOUT ROWID
"""


class SQLiteKeyStore:
    """One file; what is erased is overwritten in it."""

    shared = False

    def __init__(self, path: Path) -> None:
        """Open the file, made on first use."""
        path.touch(mode=stat.S_IRUSR | stat.S_IWUSR, exist_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # A rollback journal and not WAL: once a key is overwritten, no other file still holds it.
        for pragma in ("journal_mode=DELETE", "synchronous=FULL", "secure_delete=ON", "busy_timeout=5000"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(_SCHEMA)

    def find(self, subject: UUID) -> tuple[bytes | None] | None:
        """Return the wrapped key of a subject, none of it once destroyed; `None` when it never had one."""
        found: tuple[bytes | None] | None = self._database.execute(
            "SELECT wrapped FROM subject_key WHERE subject = ?", (subject.bytes,)
        ).fetchone()
        return found

    def find_any(self) -> tuple[UUID, bytes] | None:
        """Return some key that is there, and whose it is."""
        row = self._database.execute(
            "SELECT subject, wrapped FROM subject_key WHERE wrapped IS NOT NULL LIMIT 1"
        ).fetchone()
        return (UUID(bytes=row[0]), row[1]) if row else None

    def add(self, wrapped: Mapping[UUID, bytes]) -> None:
        """Make new keys durable, all or none; one that another process made first is an error of the database."""
        rows = [(subject.bytes, GENERATION, EPOCH, key) for subject, key in wrapped.items()]
        self._database.execute("BEGIN IMMEDIATE")
        try:
            self._database.executemany(
                "INSERT INTO subject_key(subject, generation, epoch, wrapped) VALUES(?,?,?,?)", rows
            )
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    def erase(self, subject: UUID, erased_at: str) -> None:
        """Destroy the key of a subject and leave the fence; again changes nothing."""
        self._database.execute(
            "INSERT INTO subject_key(subject, generation, epoch, wrapped, erased_at) VALUES(?,?,?,NULL,?)"
            " ON CONFLICT(subject) DO UPDATE SET wrapped = NULL, erased_at = excluded.erased_at"
            " WHERE erased_at IS NULL",
            (subject.bytes, GENERATION, EPOCH, erased_at),
        )

    def close(self) -> None:
        """Close the file."""
        self._database.close()
