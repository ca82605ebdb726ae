"""The keys of personal data: one a subject, wrapped by a master key, in a store apart from the ledger.

Sealing happens before anything reaches a disk; forgetting destroys one key and every copy goes dark.
A destroyed key leaves its row behind as a fence: it is never made again.
"""

import os
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections import OrderedDict
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import RLock
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.domain.errors import CitizenIsForgotten
from ledger.store.key_store import EPOCH, GENERATION, KeyStore, VaultError
from ledger.store.key_store_sqlite import SQLiteKeyStore

__all__ = ["Header", "Vault", "VaultError", "read_header"]

PREFIX = "sealed:"
KEY_BYTES = 32
_FORMAT = b"\x01"
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_NONCE_BYTES = 12
_NONCES_A_DRAW = 64

_NOBODY = UUID(int=0)


class Header(NamedTuple):
    """What a sealed token says in clear, and what binds it to its place."""

    subject: UUID
    event_id: UUID
    path: str


class Vault:
    """The key store of one ledger; safe to use from several threads."""

    def __init__(self, keys: KeyStore | Path, master_key: bytes, *, cache_size: int = 20_000) -> None:
        """Use a key store, or the file of one.

        Raises:
            VaultError: the master key is not the one of the keys that are there.
        """
        self._lock = RLock()
        self._keys = SQLiteKeyStore(keys) if isinstance(keys, Path) else keys
        self._master = AESGCM(master_key)
        self._ready: OrderedDict[UUID, AESGCM] = OrderedDict()
        self._minted: dict[UUID, bytes] = {}
        self._fenced: set[UUID] = set()
        self._nonces: list[bytes] = []
        self._erased: set[UUID] = set()
        self._cache_size = cache_size
        self._check_master()

    def close(self) -> None:
        """Close the key store."""
        with self._lock:
            self._keys.close()

    def seal(self, header: Header, text: str) -> str:
        """Return the sealed token of a text; a new key is durable only after `flush`.

        Raises:
            CitizenIsForgotten: the subject's key was destroyed.
        """
        public = _pack(header)
        with self._lock:
            key = self._sealing_key(header.subject)
            nonce = self._fresh_nonce()
        return PREFIX + _b64(public + nonce + key.encrypt(nonce, text.encode(), public))

    def _fresh_nonce(self) -> bytes:
        # Drawn many at once, and none of them kept beyond the group: a machine restored from a snapshot would use
        # what was kept a second time, and two texts under one nonce betray each other.
        if not self._nonces:
            drawn = os.urandom(_NONCE_BYTES * _NONCES_A_DRAW)
            self._nonces = [drawn[at : at + _NONCE_BYTES] for at in range(0, len(drawn), _NONCE_BYTES)]
        return self._nonces.pop()

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
            self._nonces.clear()
            if not self._minted:
                return
            self._keys.add(self._minted)
            self._minted.clear()

    def discard(self) -> None:
        """Drop the keys made since the last `flush`, and the fences: nothing was committed with them."""
        with self._lock:
            self._nonces.clear()
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
            if subject in self._erased:
                return
            self._ready.pop(subject, None)
            self._keys.erase(subject, erased_at)
            self._erased.add(subject)
            self._fenced.discard(subject)

    def knows(self, subject: UUID) -> bool:
        """Tell whether a key was ever made for a subject."""
        with self._lock:
            return subject in self._minted or self._keys.find(subject) is not None

    def _sealing_key(self, subject: UUID) -> AESGCM:
        if subject in self._fenced:
            raise CitizenIsForgotten(citizen=str(subject))
        key = self._ready.get(subject)
        if key is not None:
            self._ready.move_to_end(subject)
            return key
        minted = self._minted.get(subject)
        row = (minted,) if minted else self._keys.find(subject)
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

    def _stored(self, subject: UUID) -> bytes | None:
        row = self._keys.find(subject)
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
        if self._keys.shared and self._keys.find(_NOBODY) is None:
            # Machines that begin an empty store together must learn now, not later, that their master keys differ.
            with suppress(VaultError):  # another one was first
                self._keys.add({_NOBODY: self._wrap(_NOBODY, AESGCM.generate_key(bit_length=KEY_BYTES * 8))})
        kept = self._keys.find_any()
        if kept:
            self._unwrap(*kept)


def _wrapping_context(subject: UUID) -> bytes:
    return b"subject-key" + bytes((EPOCH, GENERATION)) + subject.bytes


def _pack(header: Header) -> bytes:
    subject, event_id, path = header
    return b"%c%b%b%b" % (_FORMAT, subject.bytes, event_id.bytes, _packed_path(path))


@cache
def _packed_path(path: str) -> bytes:
    """Return the path of one of the few fields that are personal, its length first."""
    return bytes((len(path),)) + path.encode()


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
    return b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=").decode()
