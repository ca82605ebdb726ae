from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from ledger.domain.vocabulary import CaseStatus, Channel
from projections import VIEWS, inbox, timeline
from projections.inbox import InboxQuery
from projections.keys import BadCursor, from_cursor, to_cursor

if TYPE_CHECKING:
    from sqlite3 import Connection

    from tests.views.conftest import Town


def all_pages(db: "Connection", query: InboxQuery) -> list[list[UUID]]:
    pages = []
    while True:
        page = inbox.rows(db, query)
        pages.append([row.case_id for row in page.rows])
        if page.cursor is None:
            return pages
        query = replace(query, cursor=page.cursor)


def test_pages_hold_every_row_once_in_order(town: "Town") -> None:
    opened = [town.opens(Channel.WEB, f"2 10:0{minute}") for minute in range(7)]

    pages = all_pages(town.seen_by(inbox), InboxQuery(limit=3))

    assert pages == [opened[:3], opened[3:6], opened[6:]]


def test_rows_of_the_same_moment_are_told_apart(town: "Town") -> None:
    opened = [town.opens(Channel.WEB, "2 10:00") for _ in range(5)]

    assert all_pages(town.seen_by(inbox), InboxQuery(limit=2)) == [opened[:2], opened[2:4], opened[4:]]


def test_a_full_last_page_has_no_cursor(town: "Town") -> None:
    opened = [town.opens(Channel.WEB, "2 10:00") for _ in range(2)]

    assert all_pages(town.seen_by(inbox), InboxQuery(limit=2)) == [opened]


def test_what_is_written_between_two_pages_neither_repeats_nor_hides_the_others(town: "Town") -> None:
    opened = [town.opens(Channel.WEB, f"2 10:0{minute}") for minute in range(4)]
    first = inbox.rows(town.seen_by(inbox), InboxQuery(limit=2))
    town.closes(opened[0], "2 11:00")
    new = town.opens(Channel.WEB, "2 11:00")

    rest = inbox.rows(town.seen_by(inbox), InboxQuery(cursor=first.cursor))

    assert [row.case_id for row in first.rows] == opened[:2]
    assert [row.case_id for row in rest.rows] == [*opened[2:], new, opened[0]]


def test_rows_can_be_asked_for_by_status_awaiting_authority_service_unit_and_reference(town: "Town") -> None:
    canteen = town.opens(Channel.WEB, "2 10:00", unit="Éducation", reference="RS-1")
    library = town.opens(Channel.WEB, "2 10:01", service="bibliotheque", unit="Lecture")
    town.hands_over(library, "2 10:02", to_authority="200067254")
    town.closes(library, "2 10:03")
    db = town.seen_by(inbox)

    asked = {
        "status": (InboxQuery(status=CaseStatus.OPEN), InboxQuery(status=CaseStatus.CLOSED)),
        "awaiting": (InboxQuery(awaiting=True), InboxQuery(awaiting=False)),
        "authority": (InboxQuery(authority="216404459"), InboxQuery(authority="200067254")),
        "service": (InboxQuery(service="restauration-scolaire"), InboxQuery(service="bibliotheque")),
    }
    for of_canteen, of_library in asked.values():
        assert all_pages(db, of_canteen) == [[canteen]]
        assert all_pages(db, of_library) == [[library]]
    assert all_pages(db, InboxQuery(unit="Éducation", reference="RS-1", awaiting=True)) == [[canteen]]
    assert all_pages(db, InboxQuery(unit="Lecture")) == [[]]


@pytest.mark.parametrize("cursor", ["", "?", "é", "AAAA", "a" * 23, to_cursor(1, 2) + "A"])
def test_what_is_no_cursor_is_refused(town: "Town", cursor: str) -> None:
    with pytest.raises(BadCursor, match="is not a cursor"):
        inbox.rows(town.seen_by(inbox), InboxQuery(cursor=cursor))
    with pytest.raises(BadCursor):
        timeline.of_case(town.seen_by(timeline), town.identifier(), limit=5, cursor=cursor)


@pytest.mark.parametrize("place", [(0, 1), (-(2**63), 0), (2**63 - 1, 2**63 - 1)])
def test_a_cursor_names_its_place(place: tuple[int, int]) -> None:
    assert from_cursor(to_cursor(*place)) == place


@pytest.mark.parametrize("limit", [0, 201])
def test_a_query_asks_for_at_least_one_and_at_most_two_hundred_rows(limit: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"limit": limit}, InboxQuery)


def test_every_view_has_a_name_of_its_own_and_a_schema_that_can_be_applied_twice(town: "Town") -> None:
    assert len({view.name for view in VIEWS}) == len(VIEWS)
    db = town.seen_by(inbox)
    for view in VIEWS:
        db.executescript(f"DROP TABLE cases; DROP TABLE contacts; {view.schema} {view.schema}")
        db.executescript("CREATE TABLE IF NOT EXISTS cases (x); CREATE TABLE IF NOT EXISTS contacts (x)")
