"""The published events read from the log itself: the same as from the stream, on the ledger's own machine."""

from ledger.domain.record import LoggedEvent
from ledger.publishing.published import PublishedEvent, UnreadableEvent, published_from_log
from ledger.publishing.relay import Log


class LogFeed:
    """A feed over a log; views are rebuilt from it at full speed."""

    def __init__(self, log: Log) -> None:
        """Read from a log."""
        self._log = log

    def head(self) -> int:
        """Return the position of the last event."""
        return self._log.head()

    def read(self, after: int, limit: int) -> list[PublishedEvent | UnreadableEvent]:
        """Return events after a position, in order; what cannot be read is returned as such."""
        return [_published(logged) for logged in self._log.read(after, limit)]


def _published(logged: LoggedEvent) -> PublishedEvent | UnreadableEvent:
    try:
        return published_from_log(logged)
    except UnreadableEvent as unreadable:
        return unreadable
