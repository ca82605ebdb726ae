"""What open pages are told at once: a change of the project, a new moment of their case, where its participant is.

One stream a page, because a browser keeps six to a host. The `id` of a moment is its version, and a page that comes
back with it misses nothing and sees nothing twice.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

from labkit.prototype.cases import Cases
from labkit.prototype.presence import Presence
from labkit.prototype.serving import in_thread
from labkit.prototype.story import Moment
from ledger.domain.events import CaseEvent
from ledger.domain.identifiers import CaseId

LOOK_EVERY_S = 0.3
LOOKS_MAX = 2_000  # After ten minutes the browser asks again, from where it was.
Item = TypeVar("Item")


def sealed_of(cases: Cases, case_id: CaseId) -> list[CaseEvent]:
    """Return the events of a case as the stream carries them."""
    recorded = (recorded.event for recorded in cases.ledger.history(case_id))
    return [event for event in recorded if isinstance(event, CaseEvent)]


async def moments_after(cases: Cases, case_id: CaseId, version: int) -> AsyncIterator[tuple[Moment, CaseEvent]]:
    """Yield each moment of a case after a version, in clear and sealed, as soon as it is known."""
    position = -1
    for _ in range(LOOKS_MAX):
        head = await in_thread(cases.position)
        if head != position:
            position = head
            moments = (await in_thread(cases.get, case_id)).moments
            sealed = await in_thread(sealed_of, cases, case_id)
            for both in zip(moments[version:], sealed[version:], strict=False):
                yield both
            version = max(version, len(moments))
        await asyncio.sleep(LOOK_EVERY_S)


async def whereabouts(presence: Presence, case_id: CaseId) -> AsyncIterator[str]:
    """Yield the page that a participant is on, then each page they go to."""
    told = None
    for _ in range(LOOKS_MAX):
        seen = presence.of(case_id)
        if seen is not None and seen.path != told:
            told = seen.path
            yield told
        await asyncio.sleep(LOOK_EVERY_S)


async def merged(*streams: AsyncIterator[Item]) -> AsyncIterator[Item]:
    """Yield from several streams as they come, until one ends."""
    waiting = {asyncio.ensure_future(anext(stream)): stream for stream in streams}
    try:
        while len(waiting) == len(streams):
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                stream = waiting.pop(task)
                try:
                    item = task.result()
                except StopAsyncIteration:
                    return
                waiting[asyncio.ensure_future(anext(stream))] = stream
                yield item
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
