"""The integrators of a ledger, in one private file that is replaced whole: no secret of theirs is in it.

An integrator proves who they are on NATS by a key pair, of which only the public half is kept here, and over HTTP by
a token, of which only the digest is. Whoever reads the file can pass for nobody.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Annotated

import msgspec
from msgspec import Meta, Struct

from ledger.access.grants import Grant
from ledger.domain.identifiers import Moment
from ledger.publishing.copies import Copy

IntegratorName = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$(?!\n)", max_length=32)]
FILE = "integrators.json"
INTEGRATORS_MAX = 1_000


class AccessError(ValueError):
    """The list of integrators cannot be changed, or not be read; `code` says why."""

    def __init__(self, code: str, name: str = "") -> None:
        """Keep why, and whom it concerns."""
        super().__init__(f"{code}: {name}")
        self.code = code
        self.name = name


class Integrator(Struct, frozen=True, kw_only=True):
    """Who subscribes, to what, and how they prove it; `nkey` is public, `token_digest` a SHA-256 in hexadecimal."""

    name: IntegratorName
    grant: Grant
    nkey: Annotated[str, Meta(pattern=r"^U[A-Z2-7]{55}$(?!\n)")]
    token_digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
    since: Moment
    rotated_at: Moment | None = None

    @property
    def stream(self) -> str:
        """Return the stream on NATS that is theirs alone."""
        return f"LEDGER-{self.name}"


_Integrators = Annotated[list[Integrator], Meta(max_length=INTEGRATORS_MAX)]


class Registry:
    """The integrators of one data directory; what is changed elsewhere is seen at the next question."""

    def __init__(self, data: Path) -> None:
        """Read lazily: a ledger without integrators has no file."""
        self._file = data / FILE
        self._seen: tuple[int, int, int] | None = None
        self._integrators: dict[str, Integrator] = {}
        self._by_token: dict[str, Integrator] = {}

    def all(self) -> list[Integrator]:
        """Return the integrators, by name.

        Raises:
            AccessError: the file cannot be read as what it is.
        """
        self._refresh()
        return [self._integrators[name] for name in sorted(self._integrators)]

    def copies(self) -> list[Copy]:
        """Return the streams that integrators read.

        Raises:
            AccessError: the file cannot be read as what it is.
        """
        return [Copy(each.stream, each.grant.filters()) for each in self.all()]

    def get(self, name: str) -> Integrator:
        """Return one integrator.

        Raises:
            AccessError: there is none of that name.
        """
        self._refresh()
        try:
            return self._integrators[name]
        except KeyError:
            raise AccessError("unknown-integrator", name) from None

    def bearer(self, token: str) -> Integrator | None:
        """Return whose token it is, `None` if nobody's."""
        self._refresh()
        return self._by_token.get(digest_of(token))

    def add(self, integrator: Integrator) -> None:
        """Let one more integrator in.

        Raises:
            AccessError: the name is taken, or there are as many as there may be.
        """
        with self._changing():
            if integrator.name in self._integrators:
                raise AccessError("integrator-exists", integrator.name)
            if len(self._integrators) >= INTEGRATORS_MAX:
                raise AccessError("too-many-integrators", integrator.name)
            self._integrators[integrator.name] = integrator

    def replace(self, integrator: Integrator) -> None:
        """Change what is known of an integrator."""
        with self._changing():
            self._integrators[integrator.name] = integrator

    def remove(self, name: str) -> Integrator:
        """Let an integrator in no more.

        Raises:
            AccessError: there is none of that name.
        """
        with self._changing():
            if name not in self._integrators:
                raise AccessError("unknown-integrator", name)
            return self._integrators.pop(name)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _private(self._file.with_suffix(".lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._refresh()
            try:
                yield
            except BaseException:
                self._seen = None
                raise
            fresh = self._file.with_suffix(".new")
            with _private(fresh) as written:
                written.truncate()
                written.write(msgspec.json.format(msgspec.json.encode(list(self._integrators.values()))))
                written.flush()
                os.fsync(written.fileno())
            fresh.replace(self._file)
            self._seen = None

    def _refresh(self) -> None:
        try:
            found = self._file.stat()
        except FileNotFoundError:
            self._seen, self._integrators, self._by_token = None, {}, {}
            return
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if seen == self._seen:
            return
        try:
            listed: list[Integrator] = msgspec.json.decode(self._file.read_bytes(), type=_Integrators)
        except (OSError, msgspec.DecodeError) as error:
            raise AccessError("unreadable-integrators", str(self._file)) from error
        self._integrators = {each.name: each for each in listed}
        self._by_token = {each.token_digest: each for each in listed}
        self._seen = seen


def digest_of(token: str) -> str:
    """Return what is kept of a token: it is random and long, so that a plain digest says nothing of it."""
    return sha256(token.encode()).hexdigest()


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
