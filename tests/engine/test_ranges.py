"""What a view took note of, range by range: the auditor compares it with the ledger."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from msgspec.structs import replace

from ledger.domain.vocabulary import Channel
from ledger.publishing.feed import LogFeed
from ledger.publishing.published import PublishedEvent, UnreadableEvent
from projections.engine.items import FeedItem
from projections.engine.ranges import RANGE_SIZE, RangeSum, noted_in, start_of, sums
from projections.engine.view import View

if TYPE_CHECKING:
    from tests.conftest import MemoryLog
    from tests.engine.conftest import Memory

BLANK = View(name="blank", version=1, schema="", project=lambda _, __: None)


def total_of(events: list[FeedItem]) -> int:
    return sum(event.event_id.int for event in events if event.event_id) % 2**128


def an_event(position: int, number: int) -> PublishedEvent:
    return PublishedEvent(position, UUID(int=number), "", None, None, Channel.WEB, None, None, b"")  # type: ignore[arg-type]


@pytest.mark.parametrize("page", [1, 7, 40])
def test_every_event_is_noted_once_whatever_the_pages(memory: "Memory", events: list[FeedItem], page: int) -> None:
    memory.fold(events, page)
    memory.fold(events, page)

    assert list(noted_in(memory.store.open())) == [RangeSum(1, 40, total_of(events))]


def test_what_is_parked_or_cannot_be_read_is_noted_too(
    keep: "Callable[[View], Memory]", new_view: Callable[..., View], events: list[FeedItem]
) -> None:
    events[20] = UnreadableEvent(21, None, "it is not even JSON")
    memory = keep(new_view(refuses={12}))

    memory.fold(events)

    assert list(noted_in(memory.store.open())) == [RangeSum(1, 40, total_of(events))]


def test_ranges_begin_right_after_each_other_and_sums_stay_within_sixteen_bytes(
    keep: "Callable[[View], Memory]",
) -> None:
    memory = keep(BLANK)
    last = RANGE_SIZE + 2
    memory.store.apply([an_event(position, 2**128 - 1) for position in range(1, last + 1)])

    (first, second) = noted_in(memory.store.open())

    assert (first.range_start, first.events, second.range_start, second.events) == (1, RANGE_SIZE, RANGE_SIZE + 1, 2)
    assert (first.total, second.total) == (2**128 - RANGE_SIZE, 2**128 - 2)
    stored = memory.store.open().execute("SELECT digest FROM folded ORDER BY range_start").fetchall()
    assert [row[0] for row in stored] == [first.digest, second.digest]
    assert [start_of(position) for position in (1, RANGE_SIZE, RANGE_SIZE + 1)] == [1, 1, RANGE_SIZE + 1]


def test_an_event_left_out_shows(events: list[FeedItem]) -> None:
    assert sums(events) != sums(events[:16] + events[17:])


def test_an_event_of_a_later_version_is_noted_by_its_identifier(memory: "Memory", log: "MemoryLog") -> None:
    log.record(3)
    log.events[1] = replace(log.events[1], tag="case-teleported.v7")

    memory.fold(LogFeed(log).read(0, 3))

    (noted,) = noted_in(memory.store.open())
    assert noted.total == sum(logged.event_id.int for logged in log.events) % 2**128
