"""The API keys of partners. Only their SHA-256 is kept, in a file that its owner alone reads.

A key is 256 bits of chance: a hash without salt or slowness tells nothing of it. A partner may hold several at
once, so that one can replace another without a break.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from labkit.open311.failures import BadOpen311File, BadPartnerName, TooManyKeys, UnknownKey
from labkit.open311.watched_file import WatchedFile

KEYS_MAX = 1_000
ID_LENGTH = 12
_PREFIX = "o311_"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,49}")


class Key(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One key: whose it is, when it was made, and the hash by which it is known."""

    id: str
    partner: str
    made_at: datetime
    sha256: str


class _Kept(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    keys: tuple[Key, ...] = ()


def key_file(data: Path) -> Path:
    """Return where the keys of a data directory are."""
    return data / "open311" / "keys.json"


def read_keys(data: Path) -> tuple[Key, ...]:
    """Return every key, in the order they were made."""
    return _watched(key_file(data)).current()


def add_key(data: Path, partner: str, made_at: datetime) -> tuple[Key, str]:
    """Make a key for a partner; the secret is in what is returned, and nowhere else.

    Raises:
        BadPartnerName: the partner's name is not a short code.
        TooManyKeys: some must be revoked first.
    """
    if not _NAME.fullmatch(partner):
        raise BadPartnerName(name=partner)
    secret = _PREFIX + secrets.token_urlsafe(32)
    digest = _digest(secret)
    key = Key(id=digest[:ID_LENGTH], partner=partner, made_at=made_at, sha256=digest)
    with _alone(data):
        kept = read_keys(data)
        if len(kept) >= KEYS_MAX:
            raise TooManyKeys(most=KEYS_MAX)
        _write(data, (*kept, key))
    return key, secret


def revoke_key(data: Path, key_id: str) -> Key:
    """Let a key open nothing any more; what was filed with it stays.

    Raises:
        UnknownKey: there is none of that identifier.
    """
    with _alone(data):
        kept = read_keys(data)
        revoked = next((key for key in kept if key.id == key_id), None)
        if revoked is None:
            raise UnknownKey(id=key_id)
        _write(data, tuple(key for key in kept if key is not revoked))
    return revoked


class KeyRing:
    """Tells partners by their keys, as the file says at each moment."""

    def __init__(self, data: Path) -> None:
        self._file = _watched(key_file(data))

    def partner(self, secret: str) -> str | None:
        """Return whose key this is, `None` if it is nobody's."""
        digest = _digest(secret)
        return next((key.partner for key in self._file.current() if key.sha256 == digest), None)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _watched(path: Path) -> WatchedFile[tuple[Key, ...]]:
    def read(text: bytes | None) -> tuple[Key, ...]:
        try:
            return msgspec.json.decode(text, type=_Kept).keys if text is not None else ()
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadOpen311File(file=path, reason=error) from error

    return WatchedFile(path, read)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    home = key_file(data).parent
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "keys.lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(data: Path, keys: tuple[Key, ...]) -> None:
    path = key_file(data)
    fresh = path.with_suffix(".new")
    # What a write that was cut short left there may be readable by others.
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.encode(_Kept(keys)))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
