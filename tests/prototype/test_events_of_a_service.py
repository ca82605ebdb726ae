"""An event of a service, on the ledger and back: what is personal is sealed, what is not is a fact."""

from datetime import date
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from labkit.prototype import Email, Line, Money, Personal, PersonalDate, ServiceEvent
from labkit.prototype.events import Unreadable, join, name_of, personal_names, split, stem_of

Day = Literal["monday", "friday"]


class StallBooked(ServiceEvent, frozen=True, kw_only=True, tag="stall-booked.v2"):
    """A stall was booked."""

    holder: Personal
    born_on: PersonalDate | None = None
    email: Email | None = None
    income: Annotated[int, Meta(extra={"personal": True})] | None = None
    days: tuple[Day, ...] = ()
    price: Money = 0
    stall: Line


bookings = st.builds(
    StallBooked,
    holder=st.text(min_size=1, max_size=200),
    born_on=st.none() | st.dates(),
    income=st.none() | st.integers(0, 10**6),
    days=st.lists(st.sampled_from(["monday", "friday"]), max_size=3).map(tuple),
    price=st.integers(0, 10_000),
    stall=st.text(min_size=1, max_size=200),
)


def test_an_event_is_known_by_its_public_name() -> None:
    assert (name_of(StallBooked), stem_of(StallBooked)) == ("stall-booked.v2", "stall-booked")


def test_a_field_is_personal_by_its_type_even_if_it_may_be_missing() -> None:
    assert personal_names(StallBooked) == {"holder", "born_on", "email", "income"}


def test_facts_hold_nothing_personal() -> None:
    booked = StallBooked(holder="Inès", born_on=date(2017, 3, 27), days=("monday",), price=1250, stall="B4")

    facts, content = split(booked)

    assert facts == {"days": ("monday",), "price": 1250, "stall": "B4"}
    assert content == '{"born_on":"2017-03-27","holder":"Inès"}'


@given(bookings)
def test_what_was_split_is_joined_again(booked: StallBooked) -> None:
    assert join(StallBooked, *split(booked)) == booked


@pytest.mark.parametrize(
    ("facts", "content"),
    [
        ({}, ""),
        ({"stall": 4}, '{"holder":"x"}'),
        ({"stall": "B4"}, "{"),
        ({"stall": "B4"}, "[]"),
        ({"stall": "B4", "days": ["sunday"]}, '{"holder":"x"}'),
    ],
)
def test_what_does_not_fit_the_declaration_is_unreadable(facts: dict[str, object], content: str) -> None:
    with pytest.raises(Unreadable):
        join(StallBooked, facts, content)  # type: ignore[arg-type]
