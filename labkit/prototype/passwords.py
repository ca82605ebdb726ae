"""Who may open a prototype: named passwords, each of which can be taken back alone, and the proof of having given one.

They are kept as scrypt hashes in `passwords.toml`, beside the ledger; one more may come from the environment. A proof
is bound to the password that it was given for, so that what is taken back opens nothing from that moment on.
"""

import hmac
import json
import os
import re
import secrets
import time
import tomllib
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import scrypt, sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from labkit.failures import StorageFailed
from labkit.publish.failures import BadPasswordName, BrokenPasswords, PasswordNeeded, UnknownPassword
from ledger.settings import LOOPBACK

VARIABLE = "LABKIT_PASSWORD"
PASSWORDS_FILE = "passwords.toml"
KEY_FILE = "gate.key"
PROOF_S = 12 * 3600
PASSWORDS_MAX = 20
LENGTH_MAX = 200
_KEY_BYTES = 32
_COST, _BLOCK, _LANES = 2**14, 8, 1
_NAME = re.compile(r"[^\W_][\w .’'()-]{0,59}")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 4
_HEADING = "# Who may open this prototype. To take a password back, delete its line.\n"


class Entry(Struct, frozen=True, kw_only=True):
    """One password: whose it is, and what is kept of it."""

    name: str
    hash: str


class _Kept(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    hash: str
    made_at: datetime | None = None


class Passwords:
    """The passwords of one data directory; what is written there counts at once."""

    def __init__(self, data: Path, given: str | None = None, *, clock: Callable[[], float] = time.time) -> None:
        """Read the passwords beside a ledger; `given` is one more, from the environment.

        Raises:
            StorageFailed: the key of the proofs can neither be read nor made.
        """
        self.file = data / PASSWORDS_FILE
        self._key = _key_of(data)
        self._clock = clock
        # Its salt follows from the key, so that the same password gives the same proofs after every start.
        self._given = (Entry(name=VARIABLE, hash=_hash(given, self._digest(VARIABLE))),) if given else ()

    def entries(self) -> tuple[Entry, ...]:
        """Return every password that opens now.

        Raises:
            BrokenPasswords: the file cannot be read as passwords.
        """
        return (*self._given, *(Entry(name=name, hash=kept.hash) for name, kept in self._read().items()))

    def proof(self, password: str) -> str | None:
        """Return a proof that one of the passwords was given, `None` if it is none; all are tried, in equal time."""
        fits = [entry for entry in self.entries() if _fits(password, entry.hash)]
        expires = int(self._clock()) + PROOF_S
        return f"{expires}.{self._digest(f'{expires} {fits[0].hash}').hex()}" if fits else None

    def accepts(self, proof: str | None) -> bool:
        """Tell whether a proof still holds."""
        expires, _, mark = (proof or "").partition(".")
        if not (expires.isascii() and expires.isdigit() and len(expires) < len("9" * 12)) or not mark.isascii():
            return False
        known = [hmac.compare_digest(self._digest(f"{expires} {e.hash}").hex(), mark) for e in self.entries()]
        return any(known) and int(expires) > self._clock()

    def add(self, name: str) -> str:
        """Make a password that nobody chose, keep its hash under a name, and return it: it is told only once.

        Raises:
            BadPasswordName: the name cannot be one, is taken, or there are as many as there may be.
        """
        kept = self._read()
        if not _NAME.fullmatch(name) or name in kept or len(kept) >= PASSWORDS_MAX:
            raise BadPasswordName(name=name, most=PASSWORDS_MAX)
        groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
        password = "-".join(groups)
        self._write({**kept, name: _Kept(hash=_hash(password, secrets.token_bytes(16)), made_at=datetime.now(UTC))})
        return password

    def revoke(self, name: str) -> None:
        """Take a password back, and every proof that was given for it.

        Raises:
            UnknownPassword: none has this name.
        """
        kept = self._read()
        if kept.pop(name, None) is None:
            raise UnknownPassword(name=name, file=self.file)
        self._write(kept)

    def _read(self) -> dict[str, _Kept]:
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise BrokenPasswords(file=self.file, reason=error) from error
        try:
            kept = msgspec.convert(tomllib.loads(text), dict[str, _Kept])
        except (ValueError, msgspec.ValidationError) as error:
            raise BrokenPasswords(file=self.file, reason=error) from error
        for entry in kept.values():
            _parts(entry.hash, self.file)
        return dict(list(kept.items())[:PASSWORDS_MAX])

    def _write(self, kept: Mapping[str, _Kept]) -> None:
        lines = [_HEADING]
        for name, entry in kept.items():
            made = f", made_at = {entry.made_at:%Y-%m-%dT%H:%M:%SZ}" if entry.made_at else ""
            lines.append(f'{json.dumps(name, ensure_ascii=False)} = {{ hash = "{entry.hash}"{made} }}\n')
        fresh = self.file.with_suffix(".new")
        _write_private(fresh, "".join(lines).encode())
        fresh.replace(self.file)

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode(), sha256)


def check_listening(data: Path, listen: str, environment: Mapping[str, str] = os.environ) -> Passwords:
    """Return who may open a prototype; whoever comes from another machine must have been given a password.

    Raises:
        PasswordNeeded: other machines would reach it, and nobody was given one.
    """
    passwords = Passwords(data, environment.get(VARIABLE))
    if listen not in LOOPBACK and not passwords.entries():
        raise PasswordNeeded(listen=listen, variable=VARIABLE)
    return passwords


def _hash(password: str, salt: bytes) -> str:
    return "$".join(("scrypt", *map(str, (_COST, _BLOCK, _LANES)), *map(_text, (salt, _derived(password, salt)))))


def _fits(password: str, kept: str) -> bool:
    salt, derived = _parts(kept, Path())
    return hmac.compare_digest(_derived(password, salt), derived)


def _derived(password: str, salt: bytes) -> bytes:
    # The same letters typed on two keyboards may come as different code points.
    typed = unicodedata.normalize("NFKC", password[:LENGTH_MAX].strip()).encode()
    return scrypt(typed, salt=salt, n=_COST, r=_BLOCK, p=_LANES, maxmem=2**26, dklen=_KEY_BYTES)


def _parts(kept: str, file: Path) -> tuple[bytes, bytes]:
    """Return salt and hash; the cost is the kit's own, for a file must not decide how much is computed."""
    with suppress(ValueError):
        kind, *cost, salt, derived = kept.split("$")
        if kind == "scrypt" and list(map(int, cost)) == [_COST, _BLOCK, _LANES]:
            return _bytes(salt), _bytes(derived)
    raise BrokenPasswords(file=file, reason=kept)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.encode())


def _key_of(data: Path) -> bytes:
    """Return the key of a data directory, made on first use: whichever of two that start at once made it first."""
    file = data / KEY_FILE
    try:
        if not file.exists():
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = file.with_suffix(f".{os.getpid()}.new")
            _write_private(fresh, secrets.token_bytes(_KEY_BYTES))
            with suppress(FileExistsError):
                os.link(fresh, file)
            fresh.unlink()
        return file.read_bytes()
    except OSError as error:
        raise StorageFailed(reason=error) from error


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
