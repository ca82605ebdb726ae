from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.commands import assign_case
from labkit.controls.events import case_assigned, case_closed
from labkit.controls.histories import a_closed_case, a_handed_over_case, an_assigned_case, an_open_case
from labkit.specification import given
from ledger.domain.case import Case, replay
from ledger.domain.errors import CaseIsClosed, UnknownCase


def test_an_agent_is_put_in_charge() -> None:
    given(*an_open_case()).when(assign_case()).then(case_assigned())


def test_the_same_agent_again_changes_nothing() -> None:
    given(*an_assigned_case()).when(assign_case()).then_nothing()


def test_the_same_agent_without_a_unit_changes_nothing() -> None:
    given(*an_assigned_case()).when(replace(assign_case(), unit=None)).then_nothing()


def test_the_same_agent_again_changes_nothing_on_a_closed_case() -> None:
    given(*an_open_case(case_assigned(), case_closed())).when(assign_case()).then_nothing()


def test_another_agent_takes_the_case() -> None:
    other = replace(assign_case(), agent=cast.AGENT)
    given(*an_assigned_case()).when(other).then(replace(case_assigned(), version=4, agent=cast.AGENT))


def test_the_same_agent_may_change_unit() -> None:
    moved = replace(assign_case(), unit=cast.CANTEENS)
    given(*an_assigned_case()).when(moved).then(replace(case_assigned(), version=4, unit=cast.CANTEENS))


def test_a_case_assigned_without_a_unit_keeps_its_own() -> None:
    case = replay(an_open_case(replace(case_assigned(), unit=None)))
    assert isinstance(case, Case)
    assert (case.agent, case.unit) == (cast.ANOTHER_AGENT, cast.EDUCATION)


def test_the_agent_is_assigned_anew_after_a_hand_over() -> None:
    given(*a_handed_over_case()).when(assign_case()).then(replace(case_assigned(), version=5))


def test_a_closed_case_is_assigned_to_nobody() -> None:
    given(*a_closed_case()).when(assign_case()).then_refused(CaseIsClosed)


def test_a_case_never_opened_is_assigned_to_nobody() -> None:
    given().when(assign_case()).then_refused(UnknownCase)
