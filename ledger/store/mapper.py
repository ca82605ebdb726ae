"""Events to stored bytes and back: msgspec JSON by tag, personal fields sealed on the way in.

The stored bytes of an event's data are the bytes later published. Coming back, sealed fields stay
sealed: state never needs them, and only the edge reveals them.
"""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import msgspec
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.citizen import data_subject, personal_fields
from ledger.domain.events import BY_TAG, CaseEvent, Event, LedgerEvent
from ledger.domain.record import EventMetadata, LoggedEvent
from ledger.store.vault import Header, Vault, VaultError, read_header

_encode = msgspec.json.Encoder().encode
_decoders = {tag: msgspec.json.Decoder(kind).decode for tag, kind in BY_TAG.items()}
_decode_metadata = msgspec.json.Decoder(EventMetadata).decode
_tags = {kind: tag for tag, kind in BY_TAG.items()}
_personal = {kind: [(name, f"{tag}#{name}") for name in personal_fields(kind)] for tag, kind in BY_TAG.items()}
"""The personal fields of each event, and the path under which each is sealed."""


class RecordedEvent(Struct, frozen=True):
    """A domain event as the library's application passes it around: with its identity and metadata."""

    event_id: UUID
    event: LedgerEvent
    metadata: EventMetadata

    @property
    def originator_id(self) -> UUID:
        """Return the stream of the event."""
        return self.event.stream_id

    @property
    def originator_version(self) -> int:
        """Return the place of the event in its stream."""
        return self.event.version


@dataclass(frozen=True)
class LedgerStoredEvent(StoredEvent):
    """A stored event with the two columns that the library's version 9 does not have."""

    event_id: bytes = b""
    metadata: bytes = b"{}"


EventRow: TypeAlias = tuple[UUID, int, str, bytes, bytes, bytes]
"""An event on its way in: stream, version, tag, data, identity, metadata."""
LogRow: TypeAlias = tuple[int, bytes, str, bytes, bytes]
"""An event on its way out: position, identity, tag, metadata, data."""


class UnknownTag(ValueError):
    """The ledger holds an event that this version does not know: it was written by a newer one."""

    def __init__(self, tag: str) -> None:
        """Name the tag."""
        super().__init__(f"The ledger holds an event of type {tag}, unknown to this version: upgrade collectivilab.")


class LedgerMapper(Mapper[UUID]):
    """Seals and encodes on the way in; decodes by tag on the way out."""

    def __init__(self, vault: Vault) -> None:
        """Keep the vault; the library's transcoder, compressor and cipher are not used."""
        super().__init__(transcoder=JSONTranscoder())
        self._vault = vault

    def to_stored_event(self, domain_event: RecordedEvent) -> LedgerStoredEvent:  # type: ignore[override]  # a recorded event is what our application saves
        """Seal the personal fields of an event and encode it.

        Raises:
            CitizenIsForgotten: the event would hold personal data of a forgotten citizen.
        """
        return LedgerStoredEvent(*self.to_row(domain_event.event, domain_event.event_id, domain_event.metadata))

    def to_row(self, event: LedgerEvent, event_id: UUID, metadata: EventMetadata) -> EventRow:
        """Seal the personal fields of an event and encode it, for a group to append.

        Raises:
            CitizenIsForgotten: the event would hold personal data of a forgotten citizen.
        """
        kind = type(event)
        state = _encode(self._sealed(event, event_id) if _personal[kind] else event)
        return event.stream_id, event.version, _tags[kind], state, event_id.bytes, _encode(metadata)

    def to_domain_event(self, stored_event: StoredEvent) -> RecordedEvent:
        """Decode a stored event; its personal fields stay sealed tokens.

        Raises:
            VaultError: a sealed text stands where it was not sealed for.
        """
        metadata = getattr(stored_event, "metadata", b"")
        event_id = getattr(stored_event, "event_id", b"")
        event = decode_event(stored_event.topic, stored_event.state)
        _check_in_place(event, UUID(bytes=event_id))
        return RecordedEvent(
            event_id=UUID(bytes=event_id),
            event=event,
            metadata=_decode_metadata(metadata),
        )

    def _sealed(self, event: Event, event_id: UUID) -> Event:
        if not isinstance(event, CaseEvent):
            return event
        subject = data_subject(getattr(event, "citizen", None), event.case_id)
        tokens = {
            name: self._vault.seal(Header(subject, event_id, path), text)
            for name, path in _personal[type(event)]
            if (text := getattr(event, name))
        }
        return replace(event, **tokens) if tokens else event


def _check_in_place(event: LedgerEvent, event_id: UUID) -> None:
    """Refuse a sealed text that was cut out of another event, field or person's case."""
    for name, path in _personal[type(event)]:
        token = getattr(event, name)
        if token and isinstance(event, CaseEvent):
            subject = data_subject(getattr(event, "citizen", None), event.case_id)
            if read_header(token) != Header(subject, event_id, path):
                raise VaultError(f"The sealed {name} of event {event_id} belongs elsewhere: the ledger was altered.")


def decode_event(tag: str, state: bytes) -> LedgerEvent:
    """Decode the data of an event by its tag.

    Raises:
        UnknownTag: a newer version wrote it.
    """
    decode = _decoders.get(tag)
    if decode is None:
        raise UnknownTag(tag)
    return decode(state)  # type: ignore[return-value]  # BY_TAG holds the members of LedgerEvent


def logged(row: LogRow) -> LoggedEvent:
    """Give a row of the log its types, without decoding the event itself."""
    position, event_id, tag, metadata, state = row
    return LoggedEvent(position, msgspec.convert(event_id, UUID), tag, _decode_metadata(metadata), bytes(state))


def row_of(stored: StoredEvent) -> EventRow:
    """Return the row of an event that the library stores; one of its own gets empty columns for what it lacks."""
    stream = stored.originator_id
    return (
        stream if isinstance(stream, UUID) else UUID(stream),
        stored.originator_version,
        stored.topic,
        stored.state,
        getattr(stored, "event_id", b""),
        getattr(stored, "metadata", b"{}"),
    )
