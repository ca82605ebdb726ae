"""What the metrics of the site say of the stream, the views and the audit: `/status`, as Prometheus reads it."""

import math
from collections.abc import Awaitable, Callable

from labkit.status import SiteStatus
from ledger.watching.meters import Reading


class SiteReadings:
    """The last status of a site; a status can only be awaited, and metrics are read without waiting."""

    def __init__(self, status: Callable[[], Awaitable[SiteStatus]]) -> None:
        """Know nothing yet."""
        self._status = status
        self._last: SiteStatus | None = None

    async def refresh(self) -> None:
        """Look again."""
        self._last = await self._status()

    def read(self) -> list[Reading]:
        """Return the readings of the last look."""
        status = self._last
        if status is None:
            return []
        head = status.ledger.position
        relayed = status.stream.position if status.stream.reachable else math.nan
        readings = [
            Reading("relay_position", relayed),
            Reading("relay_lag", max(head - relayed, 0)),
            Reading("audit_position", status.audit.checked),
            Reading("audit_findings", len(status.audit.findings)),
        ]
        for view in status.views:
            readings += [
                Reading("view_position", view.position, view.name),
                Reading("view_lag", max(head - view.position, 0), view.name),
                Reading("parked_events", view.parked, view.name),
            ]
        return readings
