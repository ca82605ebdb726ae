"""What is handed to an integrator: one file, written once, that its owner alone may read.

The ledger keeps the public key and the digest of the token: who loses the file asks for another.
"""

import os
import secrets
from datetime import datetime
from pathlib import Path

import msgspec
import nkeys  # type: ignore[import-untyped]  # the library of NATS has no types
from msgspec import Struct
from msgspec.structs import replace

from labkit.integrators.accounts import DOMAIN
from labkit.integrators.failures import CredentialsExist
from ledger.access.grants import Grant
from ledger.access.registry import Integrator, digest_of

TOKEN_BYTES = 32


class NatsCredentials(Struct, frozen=True, kw_only=True):
    """How to read the stream: with which key, in which domain, which stream."""

    url: str
    nkey_seed: str
    domain: str = DOMAIN
    stream: str


class HttpCredentials(Struct, frozen=True, kw_only=True):
    """How to read the log and its events as they happen."""

    url: str
    token: str


class Credentials(Struct, frozen=True, kw_only=True):
    """All that an integrator needs, and the only place where their secrets are."""

    name: str
    grant: Grant
    nats: NatsCredentials
    http: HttpCredentials


class Secrets(Struct, frozen=True, kw_only=True):
    """A fresh key pair and a fresh token."""

    seed: str
    public_key: str
    token: str


def fresh_secrets() -> Secrets:
    """Draw both."""
    seed = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
    public_key = nkeys.from_seed(bytearray(seed)).public_key
    return Secrets(seed=seed.decode(), public_key=public_key.decode(), token=secrets.token_urlsafe(TOKEN_BYTES))


def integrator_of(name: str, grant: Grant, drawn: Secrets, since: datetime) -> Integrator:
    """Return what the ledger keeps of a new integrator."""
    return Integrator(name=name, grant=grant, nkey=drawn.public_key, token_digest=digest_of(drawn.token), since=since)


def rotated(integrator: Integrator, drawn: Secrets, at: datetime) -> Integrator:
    """Return an integrator whose earlier secrets open nothing any more."""
    return replace(integrator, nkey=drawn.public_key, token_digest=digest_of(drawn.token), rotated_at=at)


def credentials_of(integrator: Integrator, drawn: Secrets, *, nats_url: str, http_url: str) -> Credentials:
    """Return what is handed over."""
    return Credentials(
        name=integrator.name,
        grant=integrator.grant,
        nats=NatsCredentials(url=nats_url, nkey_seed=drawn.seed, stream=integrator.stream),
        http=HttpCredentials(url=http_url, token=drawn.token),
    )


def write_credentials(credentials: Credentials, file: Path) -> None:
    """Write the file for its owner alone.

    Raises:
        CredentialsExist: something stands there.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise CredentialsExist(file=file) from error
    with os.fdopen(descriptor, "wb") as written:
        written.write(msgspec.json.format(msgspec.json.encode(credentials)) + b"\n")
