from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.commands import close_case, reopen_case
from labkit.controls.events import case_closed, case_reopened
from labkit.controls.histories import a_closed_case, a_decided_case, a_reopened_case, an_anonymous_case, an_open_case
from labkit.specification import given
from ledger.domain.case import Case, replay
from ledger.domain.errors import CaseIsOpen, UnknownCase
from ledger.domain.vocabulary import CaseStatus


def test_a_closed_case_goes_on() -> None:
    given(*a_closed_case()).when(reopen_case()).then(replace(case_reopened(), version=5))


def test_an_anonymous_case_is_reopened_anonymously() -> None:
    closed = (*an_anonymous_case(), replace(case_closed(), version=3))
    given(*closed).when(reopen_case()).then(replace(case_reopened(), version=4, citizen=None))


def test_a_reopened_case_is_what_it_was_before_it_was_closed() -> None:
    before, after = replay(a_decided_case()), replay(a_reopened_case())
    assert isinstance(before, Case)
    assert after == replace(before, version=5)
    assert before.status is CaseStatus.OPEN


def test_a_reopened_case_is_closed_again() -> None:
    given(*a_reopened_case()).when(close_case()).then(replace(case_closed(), version=6))


def test_an_open_case_has_nothing_to_reopen() -> None:
    given(*an_open_case()).when(reopen_case()).then_refused(CaseIsOpen, case_id=str(cast.CASE))


def test_a_case_never_opened_is_not_reopened() -> None:
    given().when(reopen_case()).then_refused(UnknownCase)
