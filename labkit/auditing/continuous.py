"""The audit that goes on while an instance runs: what is new at once, what is old range by range, over and over.

A thread of its own, at work for a tenth of the time at most, so that it holds up nobody. It changes nothing, and
nothing waits for it.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from labkit.auditing.auditor import Auditor, Standing
from labkit.auditing.comparing import Noted, beyond
from labkit.auditing.findings import Finding, Kind, Range, ranges
from labkit.auditing.streams import open_stream
from ledger.publishing.epochs import number_of
from ledger.publishing.relay import Log
from projections.engine.ranges import start_of

IDLE_S = 30.0
SOON_S = 1.0
REST_PER_WORK = 9.0
"""How long it rests after a turn, as a multiple of what the turn took."""
JOIN_TIMEOUT_S = 5.0
_OF_THE_WHOLE = frozenset({Kind.AHEAD, Kind.PARKED})

log = logging.getLogger(__name__)


class AuditStatus(Struct, frozen=True, kw_only=True):
    """What the auditor says: the same up to a position, unless findings say otherwise; when it last looked."""

    checked: int = 0
    epoch: int = 1
    looked_at: datetime | None = None
    findings: list[Finding] = []


class ContinuousAudit:
    """Looks again and again; `status` is what it last found."""

    def __init__(self, log_: Log, nats_url: str, views: Callable[[], list[Noted]], *, source: str) -> None:
        """Read from a log and a stream, and ask the views."""
        self.status = AuditStatus()
        self._log = log_
        self._nats_url = nats_url
        self._views = views
        self._source = source
        self._reached = 0
        self._swept = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, or begin again."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._work, name="audit", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, once the range that is being read has been."""
        self._stop.set()
        if self._thread:
            self._thread.join(JOIN_TIMEOUT_S)

    async def turn(self) -> bool:
        """Look at what is new, at what differed, and at one range of old; tell whether more is new.

        Raises:
            Exception: whatever keeps it from reading; the next turn begins there again.
        """
        stream = await open_stream(self._nats_url)
        try:
            _, epochs = await stream.end()
            auditor = Auditor(self._log, stream, self._views, source=self._source)
            standing = await auditor.standing()
            found = list(beyond(standing.head, standing.stream_end, standing.views))
            found += [each for each in self.status.findings if each.kind not in _OF_THE_WHOLE]
            for within in self._chosen(standing.head):
                checked = (await auditor.check(within, standing)).findings
                found = [each for each in found if each.first != within.first or each.kind in _OF_THE_WHOLE] + checked
                self._advance(within, standing)
        finally:
            await stream.close()
        self.status = AuditStatus(
            checked=_same_up_to(self._reached, found),
            epoch=number_of(epochs),
            looked_at=datetime.now(UTC),
            findings=found,
        )
        return self._reached < standing.head

    def _chosen(self, head: int) -> list[Range]:
        """Return what is new, what differed, and the next of the old ones: each range once, three or a few."""
        if not head:
            return []
        differing = [each.first for each in self.status.findings if each.kind not in _OF_THE_WHOLE]
        self._swept = self._swept + 1 if self._swept < head else 1
        starts = {start_of(position) for position in (*differing, self._swept, self._reached + 1) if position <= head}
        return [next(ranges(start, head)) for start in sorted(starts)]

    def _advance(self, within: Range, standing: Standing) -> None:
        self._swept = max(self._swept, within.last if within.first <= self._swept else 0)
        # What the stream or a view had not reached yet is looked at again once they have.
        together = min(within.last, standing.stream_end, *(view.position for view in standing.views))
        if within.first <= self._reached + 1:
            self._reached = max(self._reached, together)

    def _work(self) -> None:
        # Whoever starts an instance waits for pages, not for us.
        self._stop.wait(SOON_S)
        while not self._stop.is_set():
            started, more = time.monotonic(), False
            try:
                more = asyncio.run(self.turn())
            except Exception as error:  # noqa: BLE001  # who watches must not end because of what is watched
                log.warning("The audit looks again in a while: %s", type(error).__name__)
                self.status = replace(self.status, looked_at=None)
            worked_s = time.monotonic() - started
            self._stop.wait(max(SOON_S if more else IDLE_S, REST_PER_WORK * worked_s))


def _same_up_to(reached: int, findings: list[Finding]) -> int:
    return min([reached, *(each.first - 1 for each in findings if each.kind not in _OF_THE_WHOLE)])
