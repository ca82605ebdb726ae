"""What a view cannot digest parks its case; the rest flows on, and a mended view takes it in again."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ledger.publishing.feed import LogFeed
from ledger.publishing.published import UnreadableEvent
from projections.engine.items import FeedItem
from projections.engine.rebuild import rebuild
from projections.engine.view import View

if TYPE_CHECKING:
    from tests.conftest import MemoryLog
    from tests.engine.conftest import Memory

pytestmark = pytest.mark.parametrize("place", ["files", "postgresql"], indirect=True)

Keep = Callable[[View], "Memory"]
NewView = Callable[..., View]


def case_of(item: FeedItem) -> object:
    return item.subject


def of_the_case(events: list[FeedItem], position: int) -> list[int]:
    """The positions of a case's events from one position on."""
    case = case_of(events[position - 1])
    return [event.position for event in events if case_of(event) == case and event.position >= position]


@pytest.mark.parametrize("page", [1, 7, 40])
def test_a_case_with_an_event_that_cannot_be_digested_waits_and_the_others_do_not(
    keep: Keep, new_view: NewView, events: list[FeedItem], page: int
) -> None:
    memory = keep(new_view(refuses={12}))

    assert memory.fold(events, page) == 40

    left_out = of_the_case(events, 12)
    assert len(left_out) == 3
    assert memory.seen() == [position for position in range(1, 41) if position not in left_out]
    assert memory.counted() == 37


def test_a_parked_case_says_whose_it_is_since_when_and_why(
    keep: Keep, new_view: NewView, events: list[FeedItem]
) -> None:
    memory = keep(new_view(refuses={12, 15, 32}))

    memory.fold(events)

    parked = memory.store.parked()
    assert [(case.subject, case.position, case.events) for case in parked] == [
        (case_of(events[11]), 12, 3),
        (case_of(events[14]), 15, 3),
    ]
    assert [case.reason for case in parked] == ["Indigestion: event 12", "Indigestion: event 15"]


@pytest.mark.parametrize("page", [1, 7, 40])
def test_a_case_parks_the_same_whatever_the_pages(
    keep: Keep, new_view: NewView, events: list[FeedItem], page: int
) -> None:
    memory, whole = keep(new_view(refuses={5, 12, 22})), keep(new_view(refuses={5, 12, 22}, name="whole"))

    memory.fold(events, page)
    whole.fold(events, 40)

    assert memory.store.parked() == whole.store.parked()
    assert memory.seen() == whole.seen()


def test_what_cannot_be_read_parks_the_case_that_it_names(memory: "Memory", events: list[FeedItem]) -> None:
    events[11] = UnreadableEvent(12, events[11].subject, "its type case-teleported.v7 is not known to this reader")

    assert memory.fold(events) == 40

    (parked,) = memory.store.parked()
    assert (parked.subject, parked.position, parked.events) == (events[11].subject, 12, 3)
    assert "case-teleported.v7" in parked.reason
    assert memory.counted() == 37


def test_what_cannot_be_read_and_names_no_case_parks_only_itself(memory: "Memory", events: list[FeedItem]) -> None:
    events[11] = UnreadableEvent(12, None, "it is not even JSON")

    assert memory.fold(events) == 40

    (parked,) = memory.store.parked()
    assert (parked.subject, parked.position, parked.events) == (None, 12, 1)
    assert memory.counted() == 39


def test_an_event_of_a_later_version_in_the_log_parks_its_case(memory: "Memory", log: "MemoryLog") -> None:
    log.record(40)
    log.events[11] = replace(log.events[11], tag="case-teleported.v7")

    assert memory.fold(LogFeed(log).read(0, 40)) == 40

    (parked,) = memory.store.parked()
    assert (parked.subject, parked.position, parked.events) == (log.events[11].metadata.subject, 12, 3)


def test_a_mended_view_takes_parked_cases_in_when_it_is_rebuilt(
    keep: Keep, new_view: NewView, log: "MemoryLog", events: list[FeedItem]
) -> None:
    memory = keep(new_view(refuses={12}))
    memory.fold(events)
    mended = keep(new_view())

    rebuilt = rebuild(mended.view, mended.place, LogFeed(log).read)

    assert rebuilt.differing_tables == ["cases", "seen"]
    assert rebuilt.parked == 0
    assert mended.seen() == list(range(1, 41))
    assert mended.store.parked() == []


def test_a_rebuilt_view_that_is_not_mended_parks_the_same_cases(
    keep: Keep, new_view: NewView, log: "MemoryLog", events: list[FeedItem]
) -> None:
    memory = keep(new_view(refuses={12, 15}))
    memory.fold(events)
    parked = memory.store.parked()

    rebuilt = rebuild(memory.view, memory.place, LogFeed(log).read)

    assert (rebuilt.differing_tables, rebuilt.parked) == ([], 2)
    assert memory.store.parked() == parked
