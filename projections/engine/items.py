"""What a feed hands to a view: events in order, and in their places those that cannot be read."""

import msgspec

from ledger.publishing.published import PublishedEvent, UnreadableEvent, parse, published, subject_in

FeedItem = PublishedEvent | UnreadableEvent


class Misplaced(Exception):
    """A message of the stream carries the event of another position: the stream is no copy of a ledger."""


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
