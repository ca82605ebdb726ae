"""Who waits on this channel, and in which order."""

from pathlib import Path
from uuid import UUID

import pytest
from labkit.controls.events import case_opened, contact_on
from labkit.controls.histories import History, numbered_from
from labkit.controls.stream import published
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel
from msgspec.structs import replace
from projections.engine.store import ViewStore
from projections.inbox import InboxQuery

from {{ cookiecutter.package_name }}.inbox import CHANNEL, VIEW, Row, rows

HERE, ELSEWHERE = (CaseId(UUID(int=number)) for number in (1, 2))
OTHER = next(channel for channel in Channel if channel is not CHANNEL)


def a_case(case_id: CaseId, opened_on: Channel, *, contact: Channel = CHANNEL) -> History:
    """A case, and somebody who waits for an answer."""
    opened = replace(case_opened(), case_id=case_id, channel=opened_on)
    return numbered_from(1, opened, replace(contact_on(contact), case_id=case_id))


@pytest.fixture
def view(tmp_path: Path) -> ViewStore:
    """The view, empty."""
    return ViewStore(VIEW, tmp_path)


def seen(view: ViewStore) -> list[Row]:
    """Everybody in the inbox, in order."""
    return rows(view.open(), InboxQuery()).rows


def test_somebody_who_already_came_elsewhere_is_served_first(view: ViewStore) -> None:
    view.apply(published([*a_case(HERE, CHANNEL), *a_case(ELSEWHERE, OTHER)]))

    assert [(row.case_id, row.from_elsewhere, row.waiting) for row in seen(view)] == [
        (ELSEWHERE, True, True),
        (HERE, False, True),
    ]


def test_a_case_that_never_came_here_is_not_in_this_inbox(view: ViewStore) -> None:
    view.apply(published(a_case(ELSEWHERE, OTHER, contact=OTHER)))

    assert seen(view) == []


def test_a_page_that_comes_twice_counts_once(view: ViewStore) -> None:
    events = published(a_case(HERE, CHANNEL))

    view.apply(events)
    view.apply(events)

    assert [row.contacts_here for row in seen(view)] == [1]
