"""One range of the ledger, read once and held against the stream and every view; ranges in any order."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b

from msgspec import Struct

from labkit.auditing.comparing import Noted, Published, beyond, compare_stream, compare_views, gap_in
from labkit.auditing.findings import STREAM, Finding, Range, ranges
from labkit.auditing.streams import StreamRanges
from ledger.domain.record import LoggedEvent
from ledger.publishing.published import compose
from ledger.publishing.relay import Log

PAGE_SIZE = 1_000


class Standing(Struct, frozen=True, kw_only=True):
    """How far all had come when an audit began."""

    head: int
    stream_end: int
    views: list[Noted]

    def of(self, name: str) -> int:
        """Return how far the stream or a view had come."""
        return self.stream_end if name == STREAM else next(view.position for view in self.views if view.name == name)


class Audit(Struct, frozen=True, kw_only=True):
    """What an audit found: at most one finding of a kind for each that was compared, the first one."""

    head: int
    first: int
    digest: str
    stream: int
    views: dict[str, int]
    findings: list[Finding]


class Auditor:
    """Compares; it changes nothing."""

    def __init__(self, log: Log, stream: StreamRanges, views: Callable[[], list[Noted]], *, source: str) -> None:
        """Read from a log and a stream, and ask the views."""
        self._log = log
        self._stream = stream
        self._views = views
        self._source = source

    async def standing(self) -> Standing:
        """Find out how far all have come: the ledger last, so that it is never behind by our asking.

        Raises:
            StreamSilent: the server does not say.
        """
        views = self._views()
        end, _ = await self._stream.end()
        return Standing(head=self._log.head(), stream_end=end, views=views)

    async def check(self, within: Range, standing: Standing, skipped: frozenset[str] = frozenset()) -> "Checked":
        """Hold one range against all but those skipped.

        Raises:
            StreamSilent: the stream cannot be read now.
        """
        events = self._read(within)
        if gap := gap_in(within, events):
            return Checked(findings=[gap], payloads=[])
        published = [(event, compose(event, self._source)) for event in events]
        found = list(compare_views(within, events, [view for view in standing.views if view.name not in skipped]))
        if STREAM not in skipped and (differs := await self._differs(within, published, standing.stream_end)):
            found.insert(0, differs)
        return Checked(findings=found, payloads=[payload for _, payload in published])

    async def run(self, position: int, on_progress: Callable[[int, int], None]) -> Audit:
        """Audit everything from the range of a position on.

        Raises:
            StreamSilent: the stream cannot be read now.
        """
        standing, whole = await self.standing(), blake2b(digest_size=16)
        found = list(beyond(standing.head, standing.stream_end, standing.views))
        different: frozenset[str] = frozenset()
        for within in ranges(position, standing.head):
            checked = await self.check(within, standing, different)
            found += checked.findings
            different |= {finding.of for finding in checked.findings}
            for payload in checked.payloads:
                whole.update(payload)
            on_progress(within.last, standing.head)
        return Audit(
            head=standing.head,
            first=next((within.first for within in ranges(position, standing.head)), 1),
            digest=whole.hexdigest(),
            stream=standing.stream_end,
            views={view.name: view.position for view in standing.views},
            findings=found,
        )

    async def _differs(self, within: Range, events: Sequence[Published], stream_end: int) -> Finding | None:
        there = Range(within.first, min(within.last, stream_end))
        if there.last < there.first:
            return None
        return compare_stream(there, events[: there.last - there.first + 1], await self._stream.read(there))

    def _read(self, within: Range) -> list[LoggedEvent]:
        return [event for page in self._pages(within) for event in page]

    def _pages(self, within: Range) -> Iterator[list[LoggedEvent]]:
        after = within.first - 1
        while after < within.last:
            page = self._log.read(after, min(PAGE_SIZE, within.last - after))
            if not page:
                return
            yield page
            after = page[-1].position


class Checked(Struct, frozen=True, kw_only=True):
    """What one range came to, and what is published of it."""

    findings: list[Finding]
    payloads: list[bytes]
