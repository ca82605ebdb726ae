import pytest
from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.commands import close_case, record_phone_call
from labkit.controls.events import case_closed, phone_call
from labkit.controls.histories import a_closed_case, an_authority_with_a_service, an_open_case
from labkit.specification import given
from ledger.domain.errors import CaseIsClosed, CaseIsOpen


def test_an_unexpected_event_is_shown_beside_the_expected_one() -> None:
    expected = replace(phone_call(), version=3, summary="Tout autre chose.")
    with pytest.raises(AssertionError) as told:
        given(*an_open_case()).when(record_phone_call()).then(expected)
    assert '-    "summary": "Tout autre chose."' in str(told.value)
    assert f'+    "summary": "{phone_call().summary}"' in str(told.value)


def test_a_missing_event_is_shown() -> None:
    with pytest.raises(AssertionError, match="-nothing"):
        given(*an_open_case()).when(record_phone_call()).then_nothing()


def test_an_unexpected_refusal_is_shown_with_its_details() -> None:
    with pytest.raises(AssertionError, match=f'"CaseIsClosed",\n\\+  "case_id": "{cast.CASE}"'):
        given(*a_closed_case()).when(close_case()).then(case_closed())


def test_another_refusal_does_not_do() -> None:
    with pytest.raises(AssertionError, match="CaseIsClosed"):
        given(*a_closed_case()).when(close_case()).then_refused(CaseIsOpen)


def test_the_same_refusal_with_other_details_does_not_do() -> None:
    with pytest.raises(AssertionError, match="another case"):
        given(*a_closed_case()).when(close_case()).then_refused(CaseIsClosed, case_id="another case")


def test_a_refusal_is_no_silence() -> None:
    with pytest.raises(AssertionError):
        given(*a_closed_case()).when(close_case()).then_nothing()


def test_a_silence_is_no_refusal() -> None:
    with pytest.raises(AssertionError):
        given(*an_open_case(phone_call())).when(record_phone_call()).then_refused(CaseIsClosed)


def test_the_past_may_mix_streams() -> None:
    mixed = (*an_open_case(), *an_authority_with_a_service())
    given(*mixed).when(record_phone_call()).then(replace(phone_call(), version=3))
