"""The keys of personal data: one a subject, wrapped by a master key, in a file apart from the ledger.

Sealing happens before anything reaches a disk; forgetting destroys one key and every copy goes dark.
A destroyed key leaves its row behind as a fence: it is never made again.
"""

import os
import sqlite3
import stat
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from pathlib import Path
from threading import RLock
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.domain.errors import CitizenIsForgotten

PREFIX = "sealed:"
KEY_BYTES = 32
_FORMAT = b"\x01"
_EPOCH = 1
_GENERATION = 1
_NONCE_BYTES = 12

_SCHEMA = """
CREATE TABLE IF NOT EXISTS subject_key(
    subject BLOB PRIMARY KEY,
    generation INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    wrapped BLOB,
    erased_at TEXT
) WITHOUT ROWID
"""


class VaultError(Exception):
    """The key store cannot be used as it is."""


class Header(NamedTuple):
    """What a sealed token says in clear, and what binds it to its place."""

    subject: UUID
    event_id: UUID
    path: str


class Vault:
    """The key store of one ledger; safe to use from several threads."""

    def __init__(self, path: Path, master_key: bytes, *, cache_size: int = 20_000) -> None:
        """Open the key store, made on first use and readable by its owner alone."""
        path.touch(mode=stat.S_IRUSR | stat.S_IWUSR, exist_ok=True)
        self._lock = RLock()
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # A rollback journal and not WAL: once a key is overwritten, no other file still holds it.
        for pragma in ("journal_mode=DELETE", "synchronous=FULL", "secure_delete=ON", "busy_timeout=5000"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(_SCHEMA)
        self._master = AESGCM(master_key)
        self._ready: OrderedDict[UUID, AESGCM] = OrderedDict()
        self._minted: dict[UUID, bytes] = {}
        self._fenced: set[UUID] = set()
        self._cache_size = cache_size
        self._check_master()

    def close(self) -> None:
        """Close the key store."""
        with self._lock:
            self._database.close()

    def seal(self, header: Header, text: str) -> str:
        """Return the sealed token of a text; a new key is durable only after `flush`.

        Raises:
            CitizenIsForgotten: the subject's key was destroyed.
        """
        public = _pack(header)
        nonce = os.urandom(_NONCE_BYTES)
        with self._lock:
            key = self._sealing_key(header.subject)
        return PREFIX + _b64(public + nonce + key.encrypt(nonce, text.encode(), public))

    def reveal(self, token: str) -> str | None:
        """Return the text of a sealed token, or `None` when its key is gone.

        Raises:
            VaultError: the token was cut, altered, or sealed under another master key.
        """
        header, public, rest = _unpack(token)
        with self._lock:
            wrapped = self._minted.get(header.subject) or self._stored(header.subject)
        if not wrapped:
            return None
        key = self._unwrap(header.subject, wrapped)
        try:
            return key.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], public).decode()
        except (InvalidTag, ValueError) as error:
            raise VaultError(f"The sealed text of {header.path} was altered or moved.") from error

    def flush(self) -> None:
        """Make new keys durable; to be called before the events they seal are committed."""
        with self._lock:
            if not self._minted:
                return
            rows = [(s.bytes, _GENERATION, _EPOCH, wrapped) for s, wrapped in self._minted.items()]
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
            self._minted.clear()

    def discard(self) -> None:
        """Drop the keys made since the last `flush`, and the fences: nothing was committed with them."""
        with self._lock:
            self._fenced.clear()
            for subject in self._minted:
                self._ready.pop(subject, None)
            self._minted.clear()

    def fence(self, subject: UUID) -> None:
        """Seal nothing more for a subject, until `erase` makes that final or `discard` takes it back."""
        with self._lock:
            self._fenced.add(subject)

    def erase(self, subject: UUID, erased_at: str) -> None:
        """Destroy the key of a subject and leave the fence; again changes nothing."""
        with self._lock:
            self._ready.pop(subject, None)
            self._database.execute(
                "INSERT INTO subject_key(subject, generation, epoch, wrapped, erased_at) VALUES(?,?,?,NULL,?)"
                " ON CONFLICT(subject) DO UPDATE SET wrapped = NULL, erased_at = excluded.erased_at"
                " WHERE erased_at IS NULL",
                (subject.bytes, _GENERATION, _EPOCH, erased_at),
            )
            self._fenced.discard(subject)

    def knows(self, subject: UUID) -> bool:
        """Tell whether a key was ever made for a subject."""
        with self._lock:
            return subject in self._minted or self._row(subject) is not None

    def _sealing_key(self, subject: UUID) -> AESGCM:
        if subject in self._fenced:
            raise CitizenIsForgotten(citizen=str(subject))
        key = self._ready.get(subject)
        if key is not None:
            self._ready.move_to_end(subject)
            return key
        minted = self._minted.get(subject)
        row = (minted,) if minted else self._row(subject)
        if row is None:
            secret = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
            self._minted[subject] = self._wrap(subject, secret)
            key = AESGCM(secret)
        elif row[0] is None:
            raise CitizenIsForgotten(citizen=str(subject))
        else:
            key = self._unwrap(subject, row[0])
        self._ready[subject] = key
        if len(self._ready) > self._cache_size:
            self._ready.popitem(last=False)
        return key

    def _row(self, subject: UUID) -> tuple[bytes | None] | None:
        found: tuple[bytes | None] | None = self._database.execute(
            "SELECT wrapped FROM subject_key WHERE subject = ?", (subject.bytes,)
        ).fetchone()
        return found

    def _stored(self, subject: UUID) -> bytes | None:
        row = self._row(subject)
        return row[0] if row else None

    def _wrap(self, subject: UUID, secret: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._master.encrypt(nonce, secret, _wrapping_context(subject))

    def _unwrap(self, subject: UUID, wrapped: bytes) -> AESGCM:
        try:
            secret = self._master.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], _wrapping_context(subject))
        except InvalidTag as error:
            raise VaultError("The master key does not open this key store: put the right one back.") from error
        return AESGCM(secret)

    def _check_master(self) -> None:
        row = self._database.execute(
            "SELECT subject, wrapped FROM subject_key WHERE wrapped IS NOT NULL LIMIT 1"
        ).fetchone()
        if row:
            self._unwrap(UUID(bytes=row[0]), row[1])


def _wrapping_context(subject: UUID) -> bytes:
    return b"subject-key" + bytes((_EPOCH, _GENERATION)) + subject.bytes


def _pack(header: Header) -> bytes:
    path = header.path.encode()
    return _FORMAT + header.subject.bytes + header.event_id.bytes + bytes((len(path),)) + path


def _unpack(token: str) -> tuple[Header, bytes, bytes]:
    try:
        raw = urlsafe_b64decode(token.removeprefix(PREFIX).encode() + b"==")
        subject, event_id = UUID(bytes=raw[1:17]), UUID(bytes=raw[17:33])
        end = 34 + raw[33]
        return Header(subject, event_id, raw[34:end].decode()), raw[:end], raw[end:]
    except (ValueError, IndexError) as error:
        raise VaultError("This is no sealed text of a ledger.") from error


def read_header(token: str) -> Header:
    """Return what a sealed token says in clear."""
    return _unpack(token)[0]


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
