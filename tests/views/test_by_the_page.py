"""A view that folds by the page writes what it would have, event by event."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.domain.vocabulary import Channel
from projections import VIEWS
from projections.engine.items import Batch
from projections.engine.view import View

if TYPE_CHECKING:
    from tests.views.conftest import Town

by_the_page = [view for view in VIEWS if view.project_page]


def a_busy_month(town: "Town") -> None:
    """Everything that happens to cases, some of it late, some of it corrected, several cases at once."""
    cases = [town.opens(channel, f"{day} 09:00") for day, channel in enumerate(Channel, start=1)]
    for day, (case, channel) in enumerate(zip(cases, reversed(Channel), strict=False), start=12):
        heard = town.hears(case, channel, f"{day} 10:00")
        town.hears(case, Channel.EMAIL, f"{day} 08:00", recorded=f"{day} 12:00")
        town.works_on(case, f"{day} 11:00", unit="accueil")
        town.answers(case, Channel.TELEPHONE, f"{day} 14:00")
        town.assigns(case, f"{day} 15:00", agent="agent-3", unit="accueil")
        town.corrects(case, heard, f"{day} 16:00", channel=Channel.COUNTER)
    for case in cases[::2]:
        town.hands_over(case, "26 09:00", to_authority="200067254", to_unit="enfance")
        town.requests_documents(case, Channel.POST, "26 10:00")
        town.decides(case, "27 09:00")
        town.closes(case, "27 10:00")
    for case in cases[::4]:
        town.reopens(case, "28 09:00")


def rows_of(db: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {name: sorted(db.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}


@pytest.fixture(scope="module")
def busy(new_town: "Callable[[], Town]") -> "Town":
    """A town after a busy month."""
    town = new_town()
    a_busy_month(town)
    return town


@pytest.mark.parametrize("view", by_the_page, ids=lambda view: view.name)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_the_pages_a_view_writes_the_same(busy: "Town", view: View, data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 60), max_size=6))
    with closing(sqlite3.connect(":memory:")) as each, closing(sqlite3.connect(":memory:")) as paged:
        each.executescript(view.schema)
        paged.executescript(view.schema)
        for event in busy.events:
            view.project(each, event)
        left = list(busy.events)
        for size in (*sizes, len(left)):
            view.fold(paged, Batch(left[:size]).of_kinds(view.events))
            left = left[size:]

        assert rows_of(paged) == rows_of(each)


def test_a_view_is_given_only_the_kinds_that_it_folds(busy: "Town") -> None:
    batch = Batch(busy.events)
    for view in by_the_page:
        given_to_it = batch.of_kinds(view.events)

        assert given_to_it is batch.of_kinds(view.events)
        assert {type(event.event) for event in given_to_it} <= (view.events or {type(e.event) for e in busy.events})
