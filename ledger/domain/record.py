"""What the ledger keeps of an event beside its data: its identity, where it is filed, and what caused it."""

from uuid import UUID

from msgspec import Struct

from ledger.domain.identifiers import CommandId, Moment
from ledger.domain.vocabulary import Channel


class Cause(Struct, frozen=True, kw_only=True):
    """What led to a command: the story it belongs to, and the W3C trace it is part of."""

    correlation_id: UUID | None = None
    traceparent: str | None = None


class EventMetadata(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What may be said of an event without reading it: no personal data here."""

    authority: str | None = None
    service: str | None = None
    channel: Channel = Channel.INTERNAL
    subject: UUID | None = None
    occurred_at: Moment
    recorded_at: Moment
    command_id: CommandId
    correlation_id: UUID | None = None
    traceparent: str | None = None


class LoggedEvent(Struct, frozen=True, gc=False):
    """One row of the ledger, its data as stored."""

    position: int
    event_id: UUID
    tag: str
    metadata: EventMetadata
    data: bytes
