import pytest
from msgspec.structs import replace

from labkit.controls.commands import decide_case
from labkit.controls.events import case_decided
from labkit.controls.histories import a_closed_case, a_decided_case, an_anonymous_case, an_open_case
from labkit.specification import given
from ledger.domain.case import Case, replay
from ledger.domain.errors import CaseIsClosed, UnknownCase
from ledger.domain.vocabulary import Outcome


@pytest.mark.parametrize("outcome", Outcome)
def test_the_authority_decides(outcome: Outcome) -> None:
    given(*an_open_case()).when(replace(decide_case(), outcome=outcome)).then(
        replace(case_decided(), version=3, outcome=outcome)
    )


def test_a_decision_on_an_anonymous_case_names_nobody() -> None:
    given(*an_anonymous_case()).when(decide_case()).then(replace(case_decided(), version=3, citizen=None))


def test_a_later_decision_replaces_the_first() -> None:
    refusal = replace(case_decided(), version=4, outcome=Outcome.REFUSED)
    given(*a_decided_case()).when(replace(decide_case(), outcome=Outcome.REFUSED)).then(refusal)
    case = replay((*a_decided_case(), refusal))
    assert isinstance(case, Case)
    assert case.outcome is Outcome.REFUSED


def test_a_closed_case_is_decided_no_more() -> None:
    given(*a_closed_case()).when(decide_case()).then_refused(CaseIsClosed)


def test_a_case_never_opened_is_not_decided() -> None:
    given().when(decide_case()).then_refused(UnknownCase)
