"""Histories as a subscriber receives them: published, in order, personal texts sealed."""

from collections.abc import Iterable
from uuid import UUID, uuid5

import msgspec

from labkit.controls.histories import sealed
from ledger.domain.case import State, evolve, placement
from ledger.domain.events import CaseEvent, LedgerEvent, tag_of
from ledger.publishing.published import PublishedEvent

_EVENT_IDS = UUID("0192f0c4-5d7e-7c3a-9f2b-6a1d3e5c7b90")


def published(history: Iterable[LedgerEvent], *, after: int = 0) -> list[PublishedEvent]:
    """Return the events of one or several streams as published right after a position."""
    states: dict[UUID, State] = {}
    stream: list[PublishedEvent] = []
    for position, event in enumerate(history, start=after + 1):
        before = states.get(event.stream_id)
        filed = placement(before, event)
        states[event.stream_id] = evolve(before, event)
        stored = sealed(event)
        stream.append(
            PublishedEvent(
                position=position,
                event_id=uuid5(_EVENT_IDS, str(position)),
                tag=tag_of(event),
                authority=filed.authority,
                service=filed.service,
                channel=filed.channel,
                subject=event.case_id if isinstance(event, CaseEvent) else None,
                event=stored,
                data=msgspec.json.encode(stored),
            )
        )
    return stream
