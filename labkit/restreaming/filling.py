"""The whole log into a fresh stream, up to where the ledger stood; a relay beside may do part of it."""

import asyncio
from collections.abc import Callable

from ledger.publishing.message import PublishDoubt
from ledger.publishing.relay import Relay

DOUBTS_MAX = 100
DOUBT_WAIT_S = 0.1
Progress = Callable[[int, int], None]


async def fill(relay: Relay, head: int, on_progress: Progress) -> None:
    """Publish until the stream holds a position.

    Raises:
        PublishDoubt: again and again nothing was taken.
        StreamMismatch: the server cannot take what the ledger holds.
    """
    doubts, reached, located = 0, 0, False
    position = 0
    while not located or position < head:
        try:
            position = await (relay.publish_after(position) if located else relay.locate())
            located = True
            on_progress(position, head)
        except PublishDoubt:
            # Another relay that publishes too is met with a doubt each time: it takes the work from us.
            doubts = 0 if position > reached else doubts + 1
            if doubts > DOUBTS_MAX:
                raise
            reached, located = position, False
            await asyncio.sleep(DOUBT_WAIT_S)
