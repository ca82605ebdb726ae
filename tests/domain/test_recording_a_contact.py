from itertools import product

import pytest
from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.commands import open_case, record_contact_on, record_phone_call
from labkit.controls.events import contact_on, phone_call
from labkit.controls.histories import (
    a_closed_case,
    a_reopened_case,
    an_authority_with_a_service,
    an_open_case,
    numbered_from,
)
from labkit.specification import given
from ledger.domain.case import Authority, replay
from ledger.domain.decisions import decide
from ledger.domain.errors import CaseIsClosed, ParticularsDoNotFit, UnknownCase
from ledger.domain.vocabulary import Channel, Direction

EVERY_PAIR = list(product(Channel, repeat=2))


def test_a_contact_is_added_to_an_open_case() -> None:
    given(*an_open_case()).when(record_phone_call()).then(replace(phone_call(), version=3))


def test_a_contact_may_go_out() -> None:
    reply = replace(record_phone_call(), direction=Direction.OUT)
    given(*an_open_case()).when(reply).then(replace(phone_call(), version=3, direction=Direction.OUT))


@pytest.mark.parametrize(("begun_on", "gone_on"), EVERY_PAIR, ids="{0[0]}-{0[1]}".format)
def test_a_case_begun_on_one_channel_goes_on_through_any_other(begun_on: Channel, gone_on: Channel) -> None:
    opening = replace(open_case(), channel=begun_on, particulars=cast.particulars_of(begun_on))
    town = replay(an_authority_with_a_service())
    assert isinstance(town, Authority)
    begun = decide(opening, None, cast.stamp(opening.occurred_at), town)
    given(*begun).when(record_contact_on(gone_on)).then(replace(contact_on(gone_on), version=3))


@pytest.mark.parametrize(("given_for", "made_on"), EVERY_PAIR)
def test_a_contact_has_the_particulars_of_its_own_channel_or_none(given_for: Channel, made_on: Channel) -> None:
    particulars = cast.particulars_of(given_for)
    answer = given(*an_open_case()).when(replace(record_contact_on(made_on), particulars=particulars))
    if particulars is None or given_for is made_on:
        answer.then(replace(contact_on(made_on), version=3, particulars=particulars))
    else:
        answer.then_refused(ParticularsDoNotFit, given=given_for.value, channel=made_on.value)


def test_a_contact_without_a_word_is_still_a_contact() -> None:
    silent = replace(record_phone_call(), summary="", contact="", attachments=(), particulars=None)
    given(*an_open_case()).when(silent).then(
        replace(phone_call(), version=3, summary="", contact="", attachments=(), particulars=None)
    )


def test_a_contact_belongs_to_the_citizen_of_its_case() -> None:
    answer = given(*an_open_case()).when(record_phone_call())
    assert [event.citizen for event in answer.events] == [cast.CITIZEN]  # type: ignore[union-attr]


def test_a_repeated_contact_changes_nothing() -> None:
    given(*an_open_case(phone_call())).when(record_phone_call()).then_nothing()


def test_a_repeated_contact_changes_nothing_on_a_closed_case() -> None:
    closed = (*an_open_case(phone_call()), *numbered_from(4, *a_closed_case()[2:]))
    given(*closed).when(record_phone_call()).then_nothing()


def test_a_closed_case_accepts_no_contact() -> None:
    given(*a_closed_case()).when(record_phone_call()).then_refused(CaseIsClosed, case_id=str(cast.CASE))


def test_a_reopened_case_accepts_a_contact() -> None:
    given(*a_reopened_case()).when(record_phone_call()).then(replace(phone_call(), version=6))


def test_a_case_never_opened_accepts_no_contact() -> None:
    given().when(record_phone_call()).then_refused(UnknownCase, case_id=str(cast.CASE))


def test_an_authority_is_no_case() -> None:
    town = an_authority_with_a_service()
    misdirected = replace(record_phone_call(), case_id=town[0].stream_id)
    given(*town).when(misdirected).then_refused(UnknownCase)
