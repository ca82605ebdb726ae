"""Our events in their published form: CloudEvents 1.0, structured JSON. Pure: no network, no store, no key.

The `data` of an envelope are the stored bytes of the event, spliced in as they are: nothing is decoded
or unsealed on the way out. Every message goes through here, so the envelope is a struct of its own; what
any CloudEvent is, is in `cloudevents.py`.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from ledger.domain.events import BY_TAG, LedgerEvent
from ledger.domain.record import LoggedEvent
from ledger.domain.vocabulary import Channel
from ledger.publishing.cloudevents import JSON_CONTENT_TYPE, SPECVERSION

TYPE_PREFIX = "fr.collectivilab."
SEQUENCE_DIGITS = 20


class Envelope(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
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


class PublishedEvent(Struct, frozen=True, gc=False):
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


class _Concerned(Struct):
    """All that is read of a message that cannot be read."""

    subject: UUID | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Envelope).decode
_NOT_READ = (KeyError, msgspec.DecodeError, UnicodeDecodeError)
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
    position = position_of(envelope)
    tag = envelope.type.removeprefix(TYPE_PREFIX)
    data = bytes(envelope.data)
    try:
        event = _decoders[tag](data)
    except _NOT_READ as error:
        raise _unreadable(position, envelope.id, envelope.subject, tag, error) from error
    return PublishedEvent(
        position,
        envelope.id,
        tag,
        envelope.authority,
        envelope.service,
        envelope.channel,
        envelope.subject,
        event,  # type: ignore[arg-type]  # BY_TAG holds the members of LedgerEvent
        data,
        envelope.traceparent,
    )


def published_from_log(logged: LoggedEvent) -> PublishedEvent:
    """Give a view what it would have got from the stream, without the way through it."""
    about, tag, data = logged.metadata, logged.tag, logged.data
    try:
        event = _decoders[tag](data)
    except _NOT_READ as error:
        raise _unreadable(logged.position, logged.event_id, about.subject, tag, error) from error
    return PublishedEvent(
        logged.position,
        logged.event_id,
        tag,
        about.authority,
        about.service,
        about.channel,
        about.subject,
        event,  # type: ignore[arg-type]  # BY_TAG holds the members of LedgerEvent
        data,
        about.traceparent,
    )


def _unreadable(  # what is known of an event besides its content
    position: int, event_id: UUID, subject: UUID | None, tag: str, error: Exception
) -> UnreadableEvent:
    reason = f"its type {tag} is not known to this reader" if isinstance(error, KeyError) else str(error)
    return UnreadableEvent(position, subject, reason, event_id=event_id)
