"""A range of the ledger against what the stream and the views hold of it. Pure: no server, no file."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from msgspec import Struct

from labkit.auditing.findings import LEDGER, STREAM, Finding, Kind, Range
from labkit.auditing.identity import identity_in, identity_of
from ledger.domain.record import LoggedEvent
from projections.engine.ranges import DIGEST_BYTES, RangeSum

Published = tuple[LoggedEvent, bytes]
"""An event of the log, and what is published of it."""
_MODULUS = 1 << 8 * DIGEST_BYTES


class Noted(Struct, frozen=True, kw_only=True):
    """What one view says of itself, all of it of one moment."""

    name: str
    position: int
    ranges: Mapping[int, RangeSum]
    parked: int
    parked_from: int


def gap_in(within: Range, events: Sequence[LoggedEvent]) -> Finding | None:
    """Return the first position that the ledger itself lacks."""
    expected = range(within.first, within.last + 1)
    for position, event in zip(expected, events, strict=False):
        if event.position != position:
            return _of(LEDGER, Kind.GAP, within, position)
    missing = within.first + len(events)
    return _of(LEDGER, Kind.GAP, within, missing) if missing <= within.last else None


def compare_stream(within: Range, events: Sequence[Published], messages: Mapping[int, bytes]) -> Finding | None:
    """Return the first message of a range that is not the event as it is published."""
    for event, payload in events:
        message = messages.get(event.position)
        if message == payload:
            continue
        if message is None:
            kind = Kind.MISSING
        elif identity_in(message, event.position) == identity_of(event):
            kind = Kind.ALTERED
        else:
            kind = Kind.FOREIGN
        return _of(STREAM, kind, within, event.position)
    return None


def compare_views(within: Range, events: Sequence[LoggedEvent], views: Sequence[Noted]) -> Iterator[Finding]:
    """Return the views that took note of more, fewer or other events of a range than the ledger holds."""
    totals = [0, *accumulate(event.event_id.int for event in events)]
    for view in views:
        expected = max(0, min(view.position, within.last) - within.first + 1)
        noted = view.ranges.get(within.first, RangeSum(within.first, 0, 0))
        if noted.events != expected:
            yield _of(view.name, Kind.MISCOUNTED, within, within.first, (expected, noted.events))
        elif noted.total != totals[expected] % _MODULUS:
            yield _of(view.name, Kind.OTHER_EVENTS, within, within.first, (expected, noted.events))


def beyond(head: int, stream_end: int, views: Sequence[Noted]) -> Iterator[Finding]:
    """Return who stands beyond the end of the ledger, and the views that could not digest everything."""
    ends = {STREAM: stream_end, **{view.name: view.position for view in views}}
    for name, end in ends.items():
        if end > head:
            yield Finding(of=name, kind=Kind.AHEAD, first=head + 1, last=head, position=end)
    for view in views:
        if view.parked:
            found = view.parked_from
            yield Finding(of=view.name, kind=Kind.PARKED, first=found, last=head, position=found, found=view.parked)


def _of(name: str, kind: Kind, within: Range, position: int, counts: tuple[int, int] = (0, 0)) -> Finding:
    return Finding(
        of=name,
        kind=kind,
        first=within.first,
        last=within.last,
        position=position,
        expected=counts[0],
        found=counts[1],
    )
