"""What the library makes of an address, of a household and of a card."""

from datetime import date

import pytest
from labkit.prototype import ServiceCase
from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel

from {{ cookiecutter.package_name }}.events import (
    CardIssued,
    GuardianAgreed,
    HomeGiven,
    HouseholdCounted,
    HouseholdDescribed,
    MembershipExtended,
    MembershipRenewed,
    ReaderIntroduced,
    Residence,
    Situation,
    SituationGiven,
    TariffSet,
)
from {{ cookiecutter.package_name }}.household import (
    count,
    years_between,
)
from {{ cookiecutter.package_name }}.measures import (
    days_to_card,
    given_up_share,
)
from {{ cookiecutter.package_name }}.rules import today

TODAY = date(2026, 9, 14)
ISSUED = CardIssued(number="00012345678", address_proved=True, paid=True, issued_on=date(2026, 9, 12))


def asked(trial: Trial, residence: Residence, *, born: int = 1988, members: str | None = None) -> ServiceCase:
    case = trial.begin()
    for event in (
        ReaderIntroduced(name="Elsa Lacaze", born_on=date(born, 4, 21)),
        HomeGiven(residence=residence, address="2 chemin des Vergers"),
        HouseholdDescribed(members=members),
    ):
        case = trial.cases.record(case.id, event, Channel.WEB)
    return case


def pages_of(trial: Trial, case: ServiceCase) -> list[str]:
    return [page.name for page in trial.service.asked(case)]


@pytest.mark.parametrize(
    ("residence", "born", "members", "tariff"),
    [
        ("commune", 1988, "Camille, 1990", TariffSet(amount=0, ground="resident")),
        ("agglomeration", 1988, None, TariffSet(amount=1000, ground="full")),
        ("elsewhere", 1988, "Camille, 1990", TariffSet(amount=5000, ground="full")),
        ("elsewhere", 1988, "Camille, 1990\nAnna, 1960", TariffSet(amount=5000, ground="full")),
        ("elsewhere", 2006, None, TariffSet(amount=0, ground="under-26")),
        ("elsewhere", 2006, "Anna, 1960\nLou, 2019", TariffSet(amount=2500, ground="under-26")),
    ],
)
def test_a_year_costs_what_the_address_and_the_ages_make_it(
    trial: Trial, residence: Residence, born: int, members: str | None, tariff: TariffSet
) -> None:
    assert asked(trial, residence, born=born, members=members).latest(TariffSet) == tariff


@pytest.mark.parametrize(("situation", "amount"), [("none", 2500), ("job-seeker", 0)])
def test_only_who_would_pay_is_asked_about_the_situation(
    trial: Trial, situation: Situation, amount: int
) -> None:
    assert "situation" not in pages_of(trial, asked(trial, "commune"))
    case = asked(trial, "elsewhere")
    assert "situation" in pages_of(trial, case)

    case = trial.cases.record(case.id, SituationGiven(situation=situation), Channel.WEB)

    tariff = case.latest(TariffSet)
    assert tariff is not None
    assert tariff.amount == amount


def test_a_household_is_counted_line_by_line_and_nothing_is_guessed() -> None:
    lines = "Camille Noguès, 1990\n\nLou Lacaze (2019)\nMamie\nZoé, 2040\n1988"

    counted = count(lines, today=TODAY, young_below=26)

    assert counted == HouseholdCounted(adults=1, young=1, unread=3)


def test_an_age_changes_on_the_birthday() -> None:
    assert [years_between(date(2008, 9, day), TODAY) for day in (15, 14)] == [17, 18]


def test_a_minor_s_card_waits_for_a_parent_s_agreement(trial: Trial) -> None:
    case = asked(trial, "commune", born=today(trial.begin()).year - 12)
    assert pages_of(trial, case) == ["reader", "guardian", "home", "household"]
    (card, _) = trial.service.desk

    for agreed in (False, True):
        agreement = GuardianAgreed(guardian="Pascal Berdot", phone="05 59 00 00 32", agreed=agreed)
        trial.cases.record(case.id, agreement, Channel.WEB)
        assert card.when(trial.cases.submit(case.id, Channel.WEB)) == agreed


def test_a_card_is_valid_for_a_year_and_renewed_for_another(trial: Trial) -> None:
    case = trial.cases.submit(trial.fill(trial.begin()).id, Channel.WEB)
    case = trial.cases.record(case.id, ISSUED, Channel.COUNTER)
    assert case.latest(MembershipExtended) == MembershipExtended(valid_until=date(2027, 9, 12))

    early = MembershipRenewed(same_home=True, paid=True, renewed_on=date(2027, 9, 4))
    case = trial.cases.record(case.id, early, Channel.COUNTER)

    assert case.latest(MembershipExtended) == MembershipExtended(valid_until=date(2028, 9, 11))
    assert "2028" in trial.browser.get(f"/fr/case/{case.id}/done").text


def test_who_moved_gives_the_new_address_before_the_card_goes_on(trial: Trial) -> None:
    case = trial.cases.submit(trial.fill(trial.begin()).id, Channel.WEB)
    case = trial.cases.record(case.id, ISSUED, Channel.COUNTER)
    moved = MembershipRenewed(same_home=False, paid=False, renewed_on=date(2027, 9, 4))

    case = trial.cases.record(case.id, moved, Channel.COUNTER)

    assert case.latest(MembershipExtended) == MembershipExtended(valid_until=date(2027, 9, 12))


def test_the_figures_tell_the_wait_and_who_gave_up(trial: Trial) -> None:
    case = asked(trial, "elsewhere")
    assert (days_to_card([case]), given_up_share([case])) == (None, 1)

    case = trial.cases.submit(trial.fill(case).id, Channel.WEB)
    issued = CardIssued(number="00012345678", address_proved=True, paid=True, issued_on=today(case))
    case = trial.cases.record(case.id, issued, Channel.COUNTER)

    assert (days_to_card([case]), given_up_share([case])) == (0, 0)
