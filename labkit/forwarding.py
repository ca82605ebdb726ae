"""Published events sent on to an address, one after the other, as a subscriber's own server would get them.

For those who write a receiver: nothing is kept, nothing is sent again by itself once an address gave up for good.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from labkit.failures import BadSettings, ForwardFailed
from ledger.application import ReadOnlyLog
from ledger.publishing.cloudevents import CONTENT_TYPE
from ledger.publishing.published import compose
from ledger.publishing.seeking import position_before
from ledger.settings import Settings, SettingsError, read_settings
from ledger.webhooks.address import checked
from ledger.webhooks.posting import post
from ledger.webhooks.signature import secret_of, signed

ATTEMPTS_MAX = 5
PAUSE_S = 1.0
KEY_BYTES = 32
_FINAL = frozenset(map(str, range(300, 500))) - {"408", "429"}


class _Numbered(Struct):
    id: str
    sequence: str


class Forwarder:
    """Sends events to one address, signed as webhooks are, with a secret of this run."""

    def __init__(self, url: str, *, sleep: Callable[[float], object] = time.sleep) -> None:
        """Send to an address.

        Raises:
            BadAddress: nothing may be delivered there.
        """
        self._url = checked(url)
        self._key = secrets.token_bytes(KEY_BYTES)
        self._sleep = sleep

    @property
    def secret(self) -> str:
        """Return the secret by which the receiver can check the signatures."""
        return secret_of(self._key)

    def send(self, event: bytes) -> int:
        """Send one event, and return the status of the answer.

        What may pass is tried again, at most `ATTEMPTS_MAX` times, each pause twice the one before.

        Raises:
            ForwardFailed: nobody took it.
        """
        numbered = msgspec.json.decode(event, type=_Numbered)
        outcome = ""
        for attempt in range(ATTEMPTS_MAX):
            if attempt:
                self._sleep(PAUSE_S * 2 ** (attempt - 1))
            headers = signed(event, key=self._key, delivery_id=numbered.id, at=datetime.now(UTC))
            reply = asyncio.run(post(self._url, event, headers={**headers, "Content-Type": CONTENT_TYPE}))
            if reply.accepted:
                return int(reply.outcome)
            outcome = reply.outcome
            if outcome in _FINAL:
                break
        position = int(numbered.sequence)
        raise ForwardFailed(url=self._url, position=position, before=position - 1, reason=outcome)


class LocalLog:
    """The log of a data directory, read as it is published; for verbs that run on the ledger's own machine."""

    def __init__(self, data: Path, environment: Mapping[str, str]) -> None:
        """Open the log that the environment and the data directory name.

        Raises:
            BadSettings: a setting of the environment cannot be used.
        """
        try:
            self._settings: Settings = replace(read_settings(environment), data=data)
        except SettingsError as error:
            raise BadSettings(reason=error) from error
        self._log = ReadOnlyLog(self._settings)

    def published(self, position: int) -> bytes:
        """Return the event at a position as it is published."""
        (logged,) = self._log.read(position - 1, 1)
        return compose(logged, self._settings.source)

    def before(self, moment: datetime) -> int:
        """Return the position after which everything was recorded at a moment or later."""
        return position_before(self._log, moment)

    def close(self) -> None:
        """Let the log go."""
        self._log.close()
