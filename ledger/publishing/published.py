"""Our events in their published form: CloudEvents 1.0, structured JSON. Pure: no network, no store, no key.

The `data` of an envelope are the stored bytes of the event, spliced in as they are: nothing is decoded
or unsealed on the way out. Every message goes through here, so the envelope is a struct of its own; what
any CloudEvent is, is in `cloudevents.py`.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from ledger.domain.events import BY_TAG, LedgerEvent
from ledger.domain.record import LoggedEvent
from ledger.domain.vocabulary import Channel
from ledger.publishing.cloudevents import JSON_CONTENT_TYPE, SPECVERSION

TYPE_PREFIX = "fr.collectivilab."
SEQUENCE_DIGITS = 20


class Envelope(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The CloudEvent of one of our events, as it travels on the stream."""

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
    traceparent: str | None = None


class UnreadableEvent(ValueError):
    """A message of the stream that is no event of this ledger, or of a later version than this reader."""

    def __init__(self, position: int, subject: UUID | None, reason: str, *, event_id: UUID | None = None) -> None:
        """Keep where the message stood, whose case it speaks of, and which event it is, if it says."""
        super().__init__(f"Event {position} cannot be read: {reason}")
        self.position = position
        self.subject = subject
        self.event_id = event_id


class _Place(NamedTuple):
    """Where an event stands, whether or not it can be read."""

    position: int
    event_id: UUID
    subject: UUID | None

    def unreadable(self, reason: str) -> UnreadableEvent:
        return UnreadableEvent(self.position, self.subject, reason, event_id=self.event_id)


class _Concerned(Struct):
    """All that is read of a message that cannot be read."""

    subject: UUID | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Envelope).decode
_decode_concerned = msgspec.json.Decoder(_Concerned).decode
_decoders = {tag: msgspec.json.Decoder(kind).decode for tag, kind in BY_TAG.items()}


def compose(logged: LoggedEvent, source: str) -> bytes:
    """Return the CloudEvent of a logged event; `source` is the absolute URI of this ledger."""
    about = logged.metadata
    return _encode(
        Envelope(
            specversion=SPECVERSION,
            id=logged.event_id,
            source=f"{source}/authorities/{about.authority}" if about.authority else source,
            type=TYPE_PREFIX + logged.tag,
            time=about.occurred_at,
            recordedtime=about.recorded_at,
            sequence=str(logged.position).zfill(SEQUENCE_DIGITS),
            datacontenttype=JSON_CONTENT_TYPE,
            channel=about.channel,
            subject=about.subject,
            authority=about.authority,
            service=about.service,
            dataschema=schema_address(logged.tag, source),
            correlationid=about.correlation_id,
            causationid=about.command_id,
            traceparent=about.traceparent,
            data=Raw(logged.data),
        )
    )


def schema_address(name: str, source: str) -> str:
    """Return where the ledger of that source answers a schema: that of the data of an event, by its tag."""
    return f"{source}/schemas/{name}.json"


def parse(message: bytes) -> Envelope:
    """Read the envelope of one of our events.

    Raises:
        msgspec.ValidationError: the bytes are no such envelope.
    """
    return _decode(message)


def position_of(envelope: Envelope) -> int:
    """Return the ledger position that an envelope carries."""
    return int(envelope.sequence)


def subject_in(message: bytes) -> UUID | None:
    """Return whose case a message speaks of, whatever else is in it, as far as it says."""
    try:
        return _decode_concerned(message).subject
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def published(envelope: Envelope) -> PublishedEvent:
    """Decode the data of an envelope for a view.

    Raises:
        UnreadableEvent: its type is not known here, or its data do not fit its type.
    """
    tag = envelope.type.removeprefix(TYPE_PREFIX)
    data = bytes(envelope.data)
    return PublishedEvent(
        position=position_of(envelope),
        event_id=envelope.id,
        tag=tag,
        authority=envelope.authority,
        service=envelope.service,
        channel=envelope.channel,
        subject=envelope.subject,
        event=_event(_Place(position_of(envelope), envelope.id, envelope.subject), tag, data),
        data=data,
        traceparent=envelope.traceparent,
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
        event=_event(_Place(logged.position, logged.event_id, about.subject), logged.tag, logged.data),
        data=logged.data,
        traceparent=about.traceparent,
    )


def _event(place: _Place, tag: str, data: bytes) -> LedgerEvent:
    decode = _decoders.get(tag)
    if decode is None:
        raise place.unreadable(f"its type {tag} is not known to this reader")
    try:
        return decode(data)  # type: ignore[return-value]  # BY_TAG holds the members of LedgerEvent
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise place.unreadable(str(error)) from error
