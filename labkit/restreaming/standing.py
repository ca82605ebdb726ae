"""How a stream and a ledger stand to each other before anything is deleted: a copy, spoilt, or of another past."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from labkit.auditing.identity import Identity, identity_at
from ledger.publishing.epochs import Epochs
from ledger.publishing.relay import Log

MessageAt = Callable[[int], Awaitable[Identity | None]]


class Standing(Struct, frozen=True, kw_only=True):
    """Where the stream ends, whether a ledger of another past filled it, and up to where both are the same."""

    end: int
    head: int
    epochs: Epochs
    of_another_past: bool
    shared: int


async def look(log: Log, end: int, *, epochs: Epochs, message_at: MessageAt) -> Standing:
    """Compare the end of a stream with the log, and find the last position up to which both are the same."""
    head = log.head()
    last = await message_at(end) if end else None
    parted = end > head or (last is not None and last != identity_at(log, end))
    shared = await _last_shared(log, min(end, head), message_at)
    return Standing(end=end, head=head, epochs=epochs, of_another_past=parted, shared=shared)


async def _last_shared(log: Log, end: int, message_at: MessageAt) -> int:
    """Return the last position at which both hold the same event, in a few dozen reads: once parted, always parted.

    A message that is spoilt is taken for another: what readers keep is then less than they might, never more.
    """
    low, high = 0, end
    while low < high:
        middle = (low + high + 1) // 2
        if await message_at(middle) == identity_at(log, middle):
            low = middle
        else:
            high = middle - 1
    return low
