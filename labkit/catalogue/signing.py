"""Signatures (Ed25519): the key of whoever publishes, made on its first use, and how others know it by its fingerprint.

The key is a file of its owner's alone, `~/.config/labkit/signing.key`; LABKIT_SIGNING_KEY names another. What is signed
begins with what it is for, so that no signature of ours passes for one of something else.
"""

import base64
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from labkit.catalogue.failures import BadSigningKey

VARIABLE = "LABKIT_SIGNING_KEY"
PURPOSE = b"labkit catalogue entry, format 1\n"
_OTHERS = 0o077
_GROUPS, _GROUP = 10, 4


class Signature(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who vouches for some bytes: a public key, and what only its owner can make of them."""

    algorithm: str = "Ed25519"
    public_key: str
    signature: str

    @property
    def fingerprint(self) -> str:
        """Return how people know the key: read out loud, or compared on a page."""
        return fingerprint_of(_bytes(self.public_key))


def settings_folder(environment: Mapping[str, str]) -> Path:
    """Return where what belongs to a person, and to no project, is kept."""
    above = environment.get("XDG_CONFIG_HOME")
    return (Path(above) if above else Path.home() / ".config") / "labkit"


def signing_key(environment: Mapping[str, str]) -> Ed25519PrivateKey:
    """Return the key of whoever runs this, made now if there is none.

    Raises:
        BadSigningKey: its file cannot be used, or others may read it.
    """
    named = environment.get(VARIABLE)
    file = Path(named) if named else settings_folder(environment) / "signing.key"
    try:
        return _read(file) if named or file.exists() else _made(file)
    except (OSError, ValueError) as error:
        raise BadSigningKey(file=file, reason=error) from error


def sign(data: bytes, key: Ed25519PrivateKey) -> Signature:
    """Vouch for some bytes."""
    public = key.public_key().public_bytes_raw()
    return Signature(public_key=_text(public), signature=_text(key.sign(PURPOSE + data)))


def vouches(signature: Signature, data: bytes) -> bool:
    """Tell whether a signature is of these bytes, by the key that it names."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_bytes(signature.public_key))
        key.verify(_bytes(signature.signature), PURPOSE + data)
    except (InvalidSignature, ValueError):
        return False
    return signature.algorithm == "Ed25519"


def fingerprint_of(public_key: bytes) -> str:
    """Return the fingerprint of a public key: the first 160 bits of its SHA-256, in groups that can be read out."""
    digits = hashlib.sha256(public_key).hexdigest()
    return "-".join(digits[rank * _GROUP : (rank + 1) * _GROUP] for rank in range(_GROUPS))


def encoded(signature: Signature) -> bytes:
    """Return the bytes of a signature's own file."""
    return msgspec.json.encode(signature, order="sorted")


def _read(file: Path) -> Ed25519PrivateKey:
    if os.name == "posix" and file.stat().st_mode & _OTHERS:
        raise ValueError("mode 0600")
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("Ed25519")  # noqa: TRY004  # The file is wrong, not the caller.
    return key


def _made(file: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Its mode is that of its first moment: at no time may others read it.
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(written)
    return key


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
