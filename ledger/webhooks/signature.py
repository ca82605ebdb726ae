"""The Standard Webhooks signature: which delivery it is, when it was sent, and that nobody altered it. Pure.

It believes no delivery from more than five minutes away, and tells forged and stale ones apart.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

WINDOW_S = 300
SECRET_PREFIX = "whsec_"  # noqa: S105  # the mark of a secret, not a secret
KEY_BYTES = range(24, 65)
ID_LENGTH_MAX = 256
TIMESTAMP_LENGTH_MAX = 12
SIGNATURES_MAX = 10
_VERSION = "v1"


class SignatureRefused(Exception):
    """A delivery is not to be believed; `code` is `unsigned`, `forged` or `stale`."""

    def __init__(self, code: str) -> None:
        """Keep which of the three."""
        super().__init__(code)
        self.code = code


def secret_of(key: bytes) -> str:
    """Return the secret (`whsec_…`) that stands for a key."""
    return SECRET_PREFIX + b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """Return the key that a secret (`whsec_…`) stands for.

    Raises:
        ValueError: it is no base64, or not of 24 to 64 bytes.
    """
    try:
        key = b64decode(secret.strip().removeprefix(SECRET_PREFIX), validate=True)
    except ValueError as error:
        raise ValueError("a webhook secret is «whsec_» and base64") from error
    if len(key) not in KEY_BYTES:
        raise ValueError("a webhook secret holds 24 to 64 bytes")
    return key


def signed(body: bytes, *, key: bytes, delivery_id: str, at: datetime) -> dict[str, str]:
    """Return the three headers that a delivery is sent with."""
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": _signature(body, key=key, delivery_id=delivery_id, timestamp=timestamp),
    }


def check(headers: Mapping[str, str], body: bytes, *, keys: Sequence[bytes], now: datetime) -> None:
    """Accept a delivery that one of the keys signed within the last minutes.

    Raises:
        SignatureRefused: a header is missing, the clock is too far away, or no signature fits.
    """
    delivery_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split()[:SIGNATURES_MAX]
    if not given or not 0 < len(delivery_id) <= ID_LENGTH_MAX:
        raise SignatureRefused("unsigned")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= TIMESTAMP_LENGTH_MAX):
        raise SignatureRefused("unsigned")
    expected = [_signature(body, key=key, delivery_id=delivery_id, timestamp=timestamp).encode() for key in keys]
    if not any(hmac.compare_digest(one.encode(), other) for one in given for other in expected):
        raise SignatureRefused("forged")
    if abs(now.timestamp() - int(timestamp)) > WINDOW_S:
        raise SignatureRefused("stale")


def _signature(body: bytes, *, key: bytes, delivery_id: str, timestamp: str) -> str:
    content = f"{delivery_id}.{timestamp}.".encode() + body
    return f"{_VERSION},{b64encode(hmac.new(key, content, sha256).digest()).decode()}"
