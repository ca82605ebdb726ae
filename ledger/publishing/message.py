"""What goes on the stream and what comes back from it, without any network.

Message number N of the stream is the event at position N: that is what makes its end a checkpoint.
"""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Struct

from ledger.publishing.cloudevents import CONTENT_TYPE
from ledger.publishing.published import parse, position_of

HEADERS_SIZE_MAX_BYTES = 512
"""What a server counts towards the size of a message beside its payload: more than ours ever take."""


class PublishDoubt(Exception):
    """An append was refused or not acknowledged: look at the stream again before going on."""


class NatsUnreachable(Exception):
    """No NATS server answers at the address given."""

    def __init__(self, url: str) -> None:
        """Name the address, the first of several, never the credentials."""
        address = urlsplit(url.partition(",")[0])
        super().__init__(
            f"No NATS server answers at {address.hostname}:{address.port or 4222}: start it, or correct NATS_URL."
        )


class StreamMismatch(Exception):
    """The stream is no copy of this ledger, or cannot become one: publishing would make it worse."""


class EventTooLarge(StreamMismatch):
    """The server takes no message as large as the next event; what comes before it is published."""

    def __init__(self, message: "Message", limit_bytes: int) -> None:
        """Name the event, its size and the limit."""
        super().__init__(
            f"Event {message.position} takes {message.size_bytes} bytes, the NATS server takes {limit_bytes}: "
            "raise max_payload in its configuration. The events before this one are published."
        )


class Message(Struct, frozen=True):
    """One event ready to be published."""

    position: int
    event_id: UUID
    subject: str
    payload: bytes

    @property
    def size_bytes(self) -> int:
        """Return how large a server finds the message, at most."""
        return len(self.payload) + HEADERS_SIZE_MAX_BYTES


class End(Struct, frozen=True):
    """The last message of the stream; position 0 is an empty stream, no event what is not of that position.

    An event is told by its identifier and by when it was recorded: a command sent again after a restoration comes to
    an event of the same identifier, and that is another event.
    """

    position: int = 0
    event_id: UUID | None = None
    recorded_at: datetime | None = None


class _AckError(Struct, frozen=True):
    code: int = 0
    err_code: int = 0
    description: str = ""


class _Ack(Struct, frozen=True):
    seq: int = 0
    error: _AckError | None = None


_decode_ack = msgspec.json.Decoder(_Ack).decode


def headers_of(message: Message, *, fenced: bool) -> dict[str, str]:
    """Return the headers of a message; a fenced one is stored right after its forerunner or not at all."""
    headers = {"Content-Type": CONTENT_TYPE, "Nats-Msg-Id": str(message.event_id)}
    if fenced:
        headers["Nats-Expected-Last-Sequence"] = str(message.position - 1)
    return headers


def check_ack(reply: bytes, position: int) -> None:
    """Read an acknowledgement.

    Raises:
        PublishDoubt: the event was refused, or is not where it belongs.
    """
    try:
        ack = _decode_ack(reply)
    except msgspec.DecodeError as error:
        raise PublishDoubt(f"the acknowledgement of event {position} cannot be read: {error}") from error
    if ack.error:
        raise PublishDoubt(f"{ack.error.description} ({ack.error.err_code})")
    if ack.seq != position:
        raise PublishDoubt(f"event {position} was stored as message {ack.seq}")


def end_of(position: int, payload: bytes) -> End:
    """Return the end of a stream whose last message is known; whatever it holds, nothing is raised."""
    try:
        event = parse(payload)
        belongs = position_of(event) == position
    except (msgspec.DecodeError, ValueError):
        return End(position)
    return End(position, event.id, event.recordedtime) if belongs else End(position)
