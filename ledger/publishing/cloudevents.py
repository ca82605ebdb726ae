"""Events in their published form: CloudEvents 1.0, structured JSON. Pure: no network, no store, no key.

The `data` of a CloudEvent are the stored bytes of the event, spliced in as they are: nothing is decoded
or unsealed on the way out.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from ledger.domain.events import BY_TAG, LedgerEvent
from ledger.domain.record import LoggedEvent
from ledger.domain.vocabulary import Channel

CONTENT_TYPE = "application/cloudevents+json"
TYPE_PREFIX = "fr.collectivilab."
SEQUENCE_DIGITS = 20


class CloudEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A CloudEvent as it travels; extension attributes are lower case, as the specification asks."""

    specversion: str
    id: UUID
    source: str
    type: str
    time: datetime
    recordedtime: datetime
    sequence: str
    datacontenttype: str
    channel: Channel
    subject: UUID | None = None
    authority: str | None = None
    service: str | None = None
    dataschema: str | None = None
    correlationid: UUID | None = None
    causationid: UUID | None = None
    traceparent: str | None = None
    data: Raw


class PublishedEvent(Struct, frozen=True):
    """What a view folds: one event, at its position, with where it is filed."""

    position: int
    event_id: UUID
    tag: str
    authority: str | None
    service: str | None
    channel: Channel
    subject: UUID | None
    event: LedgerEvent
    data: bytes


class UnreadableEvent(ValueError):
    """A message of the stream that is no event of this ledger, or of a later version than this reader."""

    def __init__(self, position: int, subject: UUID | None, reason: str) -> None:
        """Keep where the message stood and whose case it speaks of."""
        super().__init__(f"Event {position} cannot be read: {reason}")
        self.position = position
        self.subject = subject


class _Concerned(Struct):
    """All that is read of a message that cannot be read."""

    subject: UUID | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(CloudEvent).decode
_decode_concerned = msgspec.json.Decoder(_Concerned).decode
_decoders = {tag: msgspec.json.Decoder(kind).decode for tag, kind in BY_TAG.items()}


def compose(logged: LoggedEvent, source: str) -> bytes:
    """Return the CloudEvent of a logged event; `source` is the absolute URI of this ledger."""
    about = logged.metadata
    return _encode(
        CloudEvent(
            specversion="1.0",
            id=logged.event_id,
            source=f"{source}/authorities/{about.authority}" if about.authority else source,
            type=TYPE_PREFIX + logged.tag,
            time=about.occurred_at,
            recordedtime=about.recorded_at,
            sequence=str(logged.position).zfill(SEQUENCE_DIGITS),
            datacontenttype="application/json",
            channel=about.channel,
            subject=about.subject,
            authority=about.authority,
            service=about.service,
            dataschema=f"{source}/schemas/{logged.tag}.json",
            correlationid=about.correlation_id,
            causationid=about.command_id,
            traceparent=about.traceparent,
            data=Raw(logged.data),
        )
    )


def parse(message: bytes) -> CloudEvent:
    """Read a CloudEvent of this ledger.

    Raises:
        msgspec.ValidationError: the bytes are no such CloudEvent.
    """
    return _decode(message)


def position_of(cloud_event: CloudEvent) -> int:
    """Return the ledger position that a CloudEvent carries."""
    return int(cloud_event.sequence)


def subject_in(message: bytes) -> UUID | None:
    """Return whose case a message speaks of, whatever else is in it, as far as it says."""
    try:
        return _decode_concerned(message).subject
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def published(cloud_event: CloudEvent) -> PublishedEvent:
    """Decode the data of a CloudEvent for a view.

    Raises:
        UnreadableEvent: its type is not known here, or its data do not fit its type.
    """
    tag = cloud_event.type.removeprefix(TYPE_PREFIX)
    data = bytes(cloud_event.data)
    return PublishedEvent(
        position=position_of(cloud_event),
        event_id=cloud_event.id,
        tag=tag,
        authority=cloud_event.authority,
        service=cloud_event.service,
        channel=cloud_event.channel,
        subject=cloud_event.subject,
        event=_event(position_of(cloud_event), cloud_event.subject, tag, data),
        data=data,
    )


def published_from_log(logged: LoggedEvent) -> PublishedEvent:
    """Give a view what it would have got from the stream, without the way through it."""
    about = logged.metadata
    return PublishedEvent(
        position=logged.position,
        event_id=logged.event_id,
        tag=logged.tag,
        authority=about.authority,
        service=about.service,
        channel=about.channel,
        subject=about.subject,
        event=_event(logged.position, about.subject, logged.tag, logged.data),
        data=logged.data,
    )


def _event(position: int, subject: UUID | None, tag: str, data: bytes) -> LedgerEvent:
    decode = _decoders.get(tag)
    if decode is None:
        raise UnreadableEvent(position, subject, f"its type {tag} is not known to this reader")
    try:
        return decode(data)  # type: ignore[return-value]  # BY_TAG holds the members of LedgerEvent
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableEvent(position, subject, str(error)) from error
