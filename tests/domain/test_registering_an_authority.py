import pytest
from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.commands import register_authority
from labkit.controls.events import authority_registered
from labkit.controls.histories import an_authority, an_authority_with_a_service
from labkit.specification import given
from ledger.domain.errors import AuthorityAlreadyRegistered, InvalidSiren
from ledger.domain.vocabulary import AuthorityKind


def test_an_authority_is_registered() -> None:
    given().when(register_authority()).then(authority_registered())


def test_the_same_registration_again_changes_nothing() -> None:
    given(*an_authority_with_a_service()).when(register_authority()).then_nothing()


def test_an_authority_keeps_its_name() -> None:
    renamed = replace(register_authority(), name="Ville de Pau")
    given(*an_authority()).when(renamed).then_refused(AuthorityAlreadyRegistered, name="Commune de Pau")


def test_an_authority_keeps_its_kind() -> None:
    changed = replace(register_authority(), kind=AuthorityKind.EPCI)
    given(*an_authority()).when(changed).then_refused(AuthorityAlreadyRegistered, authority=cast.PAU)


def test_an_authority_may_stand_alone() -> None:
    alone = replace(register_authority(), parent=None)
    given().when(alone).then(replace(authority_registered(), parent=None))


@pytest.mark.parametrize("siren", [cast.PAU, "200067254", "200030674", "244500211"])
def test_real_authorities_are_registered(siren: str) -> None:
    real = replace(register_authority(), authority=siren)
    given().when(real).then(replace(authority_registered(), authority=siren))


@pytest.mark.parametrize("siren", ["200067255", "123456789", "20006725", "2000672540", "20006725٤", "²00067254"])
def test_a_wrong_siren_is_refused(siren: str) -> None:
    wrong = replace(register_authority(), authority=siren)
    given().when(wrong).then_refused(InvalidSiren, authority=siren)
