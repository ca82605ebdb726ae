"""From a moment to a position: where somebody begins to read who remembers when, and not how far."""

from datetime import datetime

from ledger.publishing.relay import Log


def position_before(log: Log, since: datetime) -> int:
    """Return the position after which everything was recorded at a moment or later, in a few dozen reads."""
    low, high = 0, log.head()
    while low < high:
        middle = (low + high) // 2
        (logged,) = log.read(middle, 1)
        if logged.metadata.recorded_at < since:
            low = middle + 1
        else:
            high = middle
    return low
