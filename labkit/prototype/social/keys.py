"""The keys of the social networks' channel, each made once in a file that nobody else may read.

One signs and checks deliveries; the other names posts on the ledger, where a plain digest could be guessed
from what everybody can read on a network, and the address of a case with it.
"""

import hmac
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from msgspec import Struct

from labkit.failures import BadSettings
from ledger.webhooks.signature import key_of, secret_of

SECRET_NAME = "LABKIT_SOCIAL_SECRET"  # noqa: S105  # the name of a setting
SECRETS_MAX = 5
_KEY_BYTES = 32


class Keys(Struct, frozen=True, kw_only=True):
    """The key that names posts, and those that are believed; the first of them signs."""

    naming: bytes
    signing: tuple[bytes, ...]

    def naming_for(self, service: str) -> bytes:
        """Return the key that names the posts of one service: several may share a ledger, and the same post."""
        return hmac.digest(self.naming, service.encode(), "sha256")


def read_keys(data: Path | None, environment: Mapping[str, str]) -> Keys:
    """Return the keys: secrets that the environment gives, several while they are changed, else one made here.

    Raises:
        BadSettings: a secret cannot be used.
    """
    if data is None:
        raise TypeError("a prototype without a data folder has no keys")
    given = environment.get(SECRET_NAME, "").split()[:SECRETS_MAX] or [_secret(data)]
    try:
        signing = tuple(key_of(secret) for secret in given)
    except ValueError as error:
        raise BadSettings(reason=f"{SECRET_NAME}: {error}") from error
    return Keys(naming=_made_once(data / "social" / "naming.key", secrets.token_bytes(_KEY_BYTES)), signing=signing)


def secret_file(data: Path) -> Path:
    """Return where the secret is that was made here."""
    return data / "social" / "webhook.secret"


def _secret(data: Path) -> str:
    made = f"{secret_of(secrets.token_bytes(_KEY_BYTES))}\n"
    return _made_once(secret_file(data), made.encode()).decode()


def _made_once(file: Path, content: bytes) -> bytes:
    """Return what a file holds, made whole at the first call; of two who make it at once, one is believed."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent) as part, suppress(FileExistsError):
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            os.link(part.name, file)
    return file.read_bytes()
