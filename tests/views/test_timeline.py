from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec

from ledger.domain.vocabulary import Channel
from projections import timeline

if TYPE_CHECKING:
    from tests.views.conftest import Town


def test_a_case_tells_its_story_in_the_order_things_happened(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    town.hears(case, Channel.COUNTER, "4 09:00")
    town.hears(case, Channel.POST, "3 09:00", recorded="5 09:00")
    town.opens(Channel.WEB, "3 10:00")

    page = timeline.of_case(town.seen_by(timeline), case, limit=10)

    assert [(entry.event, entry.channel) for entry in page.rows] == [
        ("case-opened.v1", Channel.WEB),
        ("interaction-recorded.v1", Channel.WEB),
        ("interaction-recorded.v1", Channel.POST),
        ("interaction-recorded.v1", Channel.COUNTER),
    ]
    assert page.cursor is None


def test_an_entry_holds_both_times_who_recorded_it_and_the_published_bytes(town: "Town") -> None:
    case = town.opens(Channel.POST, "2 09:00", recorded="3 10:00", summary="sealed:letter")
    published = town.events[-1]

    entry = timeline.of_case(town.seen_by(timeline), case, limit=10).rows[-1]

    assert (entry.position, entry.event_id) == (published.position, published.event_id)
    assert (entry.authority, entry.service) == ("216404459", "restauration-scolaire")
    assert (entry.occurred_at, entry.recorded_at) == (town.at("2 09:00"), town.at("3 10:00"))
    assert entry.recorded_by == "agent-017"
    assert bytes(entry.data) == published.data
    assert msgspec.json.decode(msgspec.json.encode(entry))["data"]["summary"] == "sealed:letter"


def test_a_long_story_comes_in_pages(town: "Town") -> None:
    case = town.opens(Channel.WEB, "2 09:00")
    for _ in range(3):
        town.works_on(case, "2 10:00")
    db = town.seen_by(timeline)

    first = timeline.of_case(db, case, limit=2)
    second = timeline.of_case(db, case, limit=2, cursor=first.cursor)
    third = timeline.of_case(db, case, limit=2, cursor=second.cursor)

    positions = [[entry.position for entry in page.rows] for page in (first, second, third)]
    assert positions == [[6, 7], [8, 9], [10]]
    assert third.cursor is None


def test_an_unknown_case_has_no_story(town: "Town") -> None:
    assert timeline.of_case(town.seen_by(timeline), uuid4(), limit=10).rows == []


def test_everything_is_listed_in_ledger_order_after_a_position(town: "Town") -> None:
    town.opens(Channel.WEB, "2 09:00")
    db = town.seen_by(timeline)

    listed = timeline.since(db, 1, limit=3)

    assert [entry.position for entry in listed] == [2, 3, 4]
    assert (listed[0].event, listed[0].case_id, listed[0].service) == (
        "service-published.v1",
        None,
        "restauration-scolaire",
    )
    assert timeline.since(db, timeline.last_position(db), limit=3) == []


def test_the_last_position_is_that_of_the_last_event_or_zero(town: "Town") -> None:
    assert timeline.last_position(town.seen_by(timeline)) == len(town.events)
    town.events.clear()
    assert timeline.last_position(town.seen_by(timeline)) == 0


def test_an_event_met_twice_is_listed_once(town: "Town") -> None:
    db = town.seen_by(timeline)
    timeline.project(db, town.events[-1])

    assert len(timeline.since(db, 0, limit=100)) == len(town.events)
