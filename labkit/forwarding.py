"""Published events sent on to an address, one after the other, as a subscriber's own server would get them.

For those who write a receiver: nothing is kept, nothing is sent again by itself once an address gave up for good.
"""

import http.client
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from msgspec.structs import replace

from labkit.failures import BadSettings, ForwardFailed
from ledger.application import ReadOnlyLog
from ledger.publishing.cloudevents import CONTENT_TYPE
from ledger.publishing.published import compose
from ledger.publishing.seeking import position_before
from ledger.settings import Settings, SettingsError, read_settings

ATTEMPTS_MAX = 5
PAUSE_S = 1.0
TIMEOUT_S = 10.0
ANSWER_SIZE_MAX_BYTES = 4_096
SCHEMES = ("http", "https")
_TAKEN = range(200, 300)
_FINAL = frozenset(range(300, 500)) - {408, 429}


def is_address(url: str) -> bool:
    """Tell whether events can be sent to an address."""
    try:
        parts = urlsplit(url)
        return parts.scheme in SCHEMES and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        return False


def forward(url: str, event: bytes, position: int, *, sleep: Callable[[float], object] = time.sleep) -> int:
    """Send one event, and return the status of the answer.

    What may pass is tried again, at most `ATTEMPTS_MAX` times, each pause twice the one before.

    Raises:
        ForwardFailed: nobody took it.
    """
    reason = ""
    for attempt in range(ATTEMPTS_MAX):
        if attempt:
            sleep(PAUSE_S * 2 ** (attempt - 1))
        try:
            status = _post(url, event)
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            continue
        if status in _TAKEN:
            return status
        reason = f"HTTP {status}"
        if status in _FINAL:
            break
    raise ForwardFailed(url=url, position=position, before=position - 1, reason=reason)


def _post(url: str, event: bytes) -> int:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        connection.request("POST", path, event, {"Content-Type": CONTENT_TYPE})
        answer = connection.getresponse()
        answer.read(ANSWER_SIZE_MAX_BYTES)
    except ValueError as error:
        raise http.client.HTTPException(str(error)) from error
    finally:
        connection.close()
    return answer.status


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
