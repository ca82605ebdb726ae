"""Where a reader finds events and as whom: the file of credentials that an integrator was given, or an address.

The stream of an integrator holds what was granted and nothing else: its positions have gaps, and nothing is missing.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

WHOLE = "LEDGER"
FILE, ADDRESS = "LEDGER_CREDENTIALS", "NATS_URL"
NATS_DEFAULT = "nats://127.0.0.1:4222"


class BadCredentials(Exception):
    """The file that LEDGER_CREDENTIALS names cannot be read as what `labkit integrator add` writes."""


class StreamAccess(Struct, frozen=True, kw_only=True):
    """A stream on a NATS server, and the key that opens it; without a key, the address holds the password."""

    url: str = NATS_DEFAULT
    nkey_seed: str = ""
    domain: str = ""
    stream: str = WHOLE

    @property
    def whole(self) -> bool:
        """Return whether every event of the ledger is there, position by position."""
        return self.stream == WHOLE

    def request(self, subject: str) -> str:
        """Return where the server is asked something about streams, in the domain where this one is."""
        return f"$JS.{self.domain}.API.{subject}" if self.domain else f"$JS.API.{subject}"


class _Credentials(Struct):
    """Of the file, what concerns the stream."""

    nats: StreamAccess


def access_in(environment: Mapping[str, str]) -> StreamAccess:
    """Return the access that an environment gives: LEDGER_CREDENTIALS if it is there, or else NATS_URL.

    Raises:
        BadCredentials: the file named is not there, or is something else.
    """
    if file := environment.get(FILE):
        try:
            return msgspec.json.decode(Path(file).read_bytes(), type=_Credentials).nats
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadCredentials(f"{FILE} names {file}, which cannot be read: {error}") from error
    return StreamAccess(url=environment.get(ADDRESS) or NATS_DEFAULT)
