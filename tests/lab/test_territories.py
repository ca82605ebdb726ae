"""Real communes, with the figures that were published."""

import pytest

from labkit.failures import UnknownTerritory
from labkit.simulate.territory import PAU_BEARN_PYRENEES, find_authority, load_territory
from ledger.domain.identifiers import is_siren
from ledger.domain.vocabulary import AuthorityKind

CENTS_AN_INHABITANT = 34


@pytest.mark.parametrize(
    ("siren", "communes", "inhabitants", "contribution_cents"),
    [
        ("200030674", 43, 62_194, 2_114_596),
        (PAU_BEARN_PYRENEES, 31, 170_404, 5_793_736),
        ("244500211", 11, 24_762, 841_908),
    ],
)
def test_a_territory_has_its_communes_and_its_inhabitants(
    siren: str, communes: int, inhabitants: int, contribution_cents: int
) -> None:
    territory = load_territory(siren)
    assert (len(territory.communes), territory.total_population) == (communes, inhabitants)
    assert sum(c.total_population * CENTS_AN_INHABITANT for c in territory.communes) == contribution_cents


def test_the_most_populated_commune_comes_first() -> None:
    marmande = load_territory("200030674").communes[0]
    assert (marmande.name, marmande.total_population, marmande.postal_codes) == ("Marmande", 17_849, ("47200",))


@pytest.mark.parametrize("siren", ["200030674", PAU_BEARN_PYRENEES, "244500211"])
def test_every_siren_of_these_territories_has_a_right_check_digit(siren: str) -> None:
    territory = load_territory(siren)
    assert all(is_siren(code) for code in (siren, *(commune.siren for commune in territory.communes)))


def test_a_name_may_be_said_without_its_kind() -> None:
    assert load_territory().short_name == "Pau Béarn Pyrénées"


def test_an_unknown_territory_is_refused() -> None:
    with pytest.raises(UnknownTerritory, match="123456782"):
        load_territory("123456782")


def test_an_authority_is_found_by_its_siren() -> None:
    pau, epci = find_authority("216404459"), find_authority(PAU_BEARN_PYRENEES)
    assert pau is not None
    assert epci is not None
    assert (pau.name, pau.kind) == ("Pau", AuthorityKind.COMMUNE)
    assert (epci.name, epci.kind) == ("CA Pau Béarn Pyrénées", AuthorityKind.EPCI)


@pytest.mark.parametrize("siren", ["", "210000006"])
def test_an_authority_that_does_not_exist_is_not_found(siren: str) -> None:
    assert find_authority(siren) is None
