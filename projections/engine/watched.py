"""Folding while it is traced: a span for each page of which somebody traces an event. Untraced, nothing is there."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from ledger.publishing.published import PublishedEvent
from ledger.watching.traces import Tracing
from projections.engine.items import FeedItem


def traced_pages(tracing: Tracing) -> Callable[[Sequence[FeedItem]], AbstractContextManager[None]]:
    """Return what a runner enters around each page."""

    def around(page: Sequence[FeedItem]) -> AbstractContextManager[None]:
        traceparents = (item.traceparent if isinstance(item, PublishedEvent) else None for item in page)
        bounds = {"ledger.position.first": page[0].position, "ledger.position.last": page[-1].position}
        return tracing.page("fold", traceparents, bounds)

    return around
