"""Server-sent events over a plain response, and the patience to take them up where they stopped."""

from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPException
from time import monotonic

from msgspec import Struct

from labkit.client import PAUSE_S, PAUSE_S_MAX, Client
from labkit.failures import NothingRunning

SILENCE_S_MAX = 60.0
ATTEMPTS_MAX = 8
_LEDGER = "ledger"


class Message(Struct, frozen=True):
    """One server-sent event."""

    id: str
    event: str
    data: str


def messages_of(lines: Iterable[bytes]) -> Iterator[Message | None]:
    """Group the lines of a stream into messages; a comment is only a sign of life, `None`."""
    identifier, event, data = "", "message", list[str]()
    for raw in lines:
        name, _, value = raw.decode().rstrip("\r\n").partition(":")
        value = value.removeprefix(" ")
        match name:
            case "" if value:
                yield None
            case "id":
                identifier = value
            case "event":
                event = value
            case "data":
                data.append(value)
            case "" if data:
                yield Message(identifier, event, "\n".join(data))
                event, data = "message", []


def follow(client: Client, *, since: int, until: int | None, sleep: Callable[[float], object]) -> Iterator[str]:
    """Yield the events after a position, up to another or for ever; a lost stream is taken up again."""
    position, attempts = since, 0
    while until is None or position < until:
        try:
            for message in _listen(client, position, bounded=until is not None):
                position, attempts = int(message.id), 0
                yield message.data
                if until is not None and position >= until:
                    return
        except (OSError, HTTPException, NothingRunning) as error:
            if attempts == ATTEMPTS_MAX:
                raise NothingRunning(where=client.url) from error
        attempts += 1
        sleep(min(PAUSE_S * 2**attempts, PAUSE_S_MAX))


def _listen(client: Client, position: int, *, bounded: bool) -> Iterator[Message]:
    heard_at_s = monotonic()
    with client.stream(f"/events?since={position}", timeout_s=SILENCE_S_MAX) as response:
        for message in messages_of(response):
            if bounded and message is None and monotonic() - heard_at_s > SILENCE_S_MAX:
                raise TimeoutError
            if message is not None and message.event == _LEDGER and int(message.id) > position:
                heard_at_s = monotonic()
                yield message
