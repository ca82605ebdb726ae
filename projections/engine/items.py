"""What a feed hands to a view: events in order, and in their places those that cannot be read."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Self

import msgspec

from ledger.domain.events import Event
from ledger.publishing.published import PublishedEvent, UnreadableEvent, parse, published, subject_in
from projections.engine.ranges import RangeSum, sums

FeedItem = PublishedEvent | UnreadableEvent
Kinds = frozenset[type[Event]]


class Misplaced(Exception):
    """A message of the stream carries the event of another position: the stream is no copy of a ledger."""


class Chosen(list[PublishedEvent]):
    """The events of a batch that a view folds; what one view worked out, by position, others may take from here."""

    def __init__(self, events: Iterable[PublishedEvent], worked_out: dict[int, Any]) -> None:
        """Choose events."""
        super().__init__(events)
        self.worked_out = worked_out


class Batch(tuple[FeedItem, ...]):  # noqa: SLOT001  # what is found out is kept in the instance
    """Events that are folded together: what several views want to know of them is found out once."""

    @classmethod
    def of(cls, items: Sequence[FeedItem]) -> Self:
        """Return the batch of some events, the same one if they are one already."""
        return items if isinstance(items, cls) else cls(items)

    @cached_property
    def ranges(self) -> list[RangeSum]:
        """What the batch adds to the ranges of its positions."""
        return sums(self)

    @cached_property
    def readable(self) -> bool:
        """Tell whether every event of the batch can be read."""
        return not any(isinstance(item, UnreadableEvent) for item in self)

    def is_gapless_after(self, position: int) -> bool:
        """Tell whether the batch goes on event by event right after a position."""
        return not self or (self[0].position == position + 1 and self._is_gapless)

    def of_kinds(self, kinds: Kinds | None) -> Chosen:
        """Return the readable events of some kinds, or all of them."""
        found = self._of_kinds.get(kinds)
        if found is None:
            readable = (item for item in self if isinstance(item, PublishedEvent))
            chosen = readable if kinds is None else (item for item in readable if type(item.event) in kinds)
            found = self._of_kinds[kinds] = Chosen(chosen, self._worked_out)
        return found

    @cached_property
    def _is_gapless(self) -> bool:
        first = self[0].position
        return all(item.position == expected for expected, item in enumerate(self, start=first))

    @cached_property
    def _of_kinds(self) -> dict[Kinds | None, Chosen]:
        return {}

    @cached_property
    def _worked_out(self) -> dict[int, Any]:
        return {}


def read_item(position: int, message: bytes) -> FeedItem:
    """Read the message of the stream at a position.

    Raises:
        Misplaced: it is the event of another position.
    """
    try:
        event: FeedItem = published(parse(message))
    except UnreadableEvent as unreadable:
        event = unreadable
    except (msgspec.DecodeError, ValueError) as error:
        return UnreadableEvent(position, subject_in(message), str(error))
    if event.position != position:
        raise Misplaced(f"message {position} carries event {event.position}")
    return event
