from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.commands import hand_over_case
from labkit.controls.events import authority_registered, case_handed_over
from labkit.controls.histories import (
    a_closed_case,
    a_handed_over_case,
    an_anonymous_case,
    an_assigned_case,
    an_open_case,
)
from labkit.specification import given
from ledger.domain.case import Case, replay
from ledger.domain.commands import HandOverCase
from ledger.domain.errors import CaseIsClosed, NowhereToHandOver, UnknownAuthority, UnknownCase

agglomeration = replace(
    authority_registered(), authority=cast.PAU_BEARN_PYRENEES, name="Pau Béarn Pyrénées", parent=None
)


def to_the_agglomeration(unit: str | None = None) -> HandOverCase:
    """Hand the case over to the inter-municipal body."""
    return replace(hand_over_case(), to_authority=cast.PAU_BEARN_PYRENEES, to_unit=unit)


def test_a_case_goes_to_another_unit() -> None:
    given(*an_open_case()).when(hand_over_case()).then(replace(case_handed_over(), version=3))


def test_an_anonymous_case_is_handed_over_anonymously() -> None:
    given(*an_anonymous_case()).when(hand_over_case()).then(replace(case_handed_over(), version=3, citizen=None))


def test_a_case_goes_to_another_authority() -> None:
    given(agglomeration, *an_open_case()).when(to_the_agglomeration()).then(
        replace(case_handed_over(), version=3, to_authority=cast.PAU_BEARN_PYRENEES, to_unit=None)
    )


def test_a_case_goes_to_a_unit_of_another_authority() -> None:
    given(agglomeration, *an_open_case()).when(to_the_agglomeration("Transports")).then(
        replace(case_handed_over(), version=3, to_authority=cast.PAU_BEARN_PYRENEES, to_unit="Transports")
    )


def test_a_unit_of_the_same_name_elsewhere_is_another_unit() -> None:
    given(agglomeration, *an_open_case()).when(to_the_agglomeration(cast.EDUCATION)).then(
        replace(case_handed_over(), version=3, to_authority=cast.PAU_BEARN_PYRENEES, to_unit=cast.EDUCATION)
    )


def test_naming_one_s_own_authority_is_handing_over_within_it() -> None:
    named = replace(hand_over_case(), to_authority=cast.PAU)
    given(authority_registered(), *an_open_case()).when(named).then(replace(case_handed_over(), version=3))


def test_a_hand_over_takes_the_case_from_its_agent() -> None:
    case = replay(a_handed_over_case())
    assert isinstance(case, Case)
    assert (case.agent, case.unit, case.authority) == (None, cast.CANTEENS, cast.PAU)


def test_a_hand_over_leaves_from_where_the_last_one_arrived() -> None:
    back = replace(hand_over_case(), to_unit=cast.EDUCATION)
    given(*a_handed_over_case()).when(back).then(
        replace(case_handed_over(), version=5, from_unit=cast.CANTEENS, to_unit=cast.EDUCATION)
    )


def test_a_case_is_not_handed_over_to_its_own_unit() -> None:
    given(*an_assigned_case()).when(replace(hand_over_case(), to_unit=cast.EDUCATION)).then_refused(
        NowhereToHandOver, case_id=str(cast.CASE)
    )


def test_a_case_is_not_handed_over_to_nowhere() -> None:
    given(*an_open_case()).when(replace(hand_over_case(), to_unit=None)).then_refused(NowhereToHandOver)


def test_a_case_is_not_handed_over_to_its_own_authority() -> None:
    own = replace(hand_over_case(), to_unit=None, to_authority=cast.PAU)
    given(*an_open_case()).when(own).then_refused(NowhereToHandOver)


def test_a_case_goes_to_registered_authorities_only() -> None:
    given(*an_open_case()).when(to_the_agglomeration()).then_refused(
        UnknownAuthority, authority=cast.PAU_BEARN_PYRENEES
    )


def test_a_closed_case_goes_nowhere() -> None:
    given(*a_closed_case()).when(hand_over_case()).then_refused(CaseIsClosed)


def test_a_case_never_opened_goes_nowhere() -> None:
    given().when(hand_over_case()).then_refused(UnknownCase)
