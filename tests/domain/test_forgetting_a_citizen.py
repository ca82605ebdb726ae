from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.commands import forget_citizen
from labkit.controls.events import case_opened, citizen_forgotten
from labkit.controls.histories import a_closed_case, an_anonymous_case, an_open_case
from labkit.specification import given
from ledger.domain.case import replay
from ledger.domain.citizen import Citizen
from ledger.domain.errors import UnknownCitizen
from ledger.domain.identifiers import CitizenRef


def test_a_citizen_is_forgotten() -> None:
    given(*a_closed_case()).when(forget_citizen()).then(citizen_forgotten())


def test_a_citizen_is_forgotten_while_a_case_is_open() -> None:
    given(*an_open_case()).when(forget_citizen()).then(citizen_forgotten())


def test_forgetting_again_changes_nothing() -> None:
    given(*an_open_case(), citizen_forgotten()).when(forget_citizen()).then_nothing()


def test_a_citizen_once_forgotten_stays_forgotten() -> None:
    assert replay([citizen_forgotten()]) == Citizen(ref=cast.CITIZEN, version=1, forgotten=True)


def test_who_was_never_met_cannot_be_forgotten() -> None:
    given().when(forget_citizen()).then_refused(UnknownCitizen, citizen=str(cast.CITIZEN))


def test_a_citizen_without_personal_data_cannot_be_forgotten() -> None:
    given(replace(case_opened(), title="")).when(forget_citizen()).then_refused(UnknownCitizen)


def test_an_anonymous_contact_is_forgotten_by_its_case() -> None:
    as_case = CitizenRef(cast.CASE)
    given(*an_anonymous_case()).when(replace(forget_citizen(), citizen=as_case)).then(
        replace(citizen_forgotten(), citizen=as_case)
    )
