"""Who is asked for help at home, how many hours are proposed, and what stays sealed."""

from datetime import date

import pytest
from labkit.prototype.events import personal_names
from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel

from {{ cookiecutter.package_name }}.events import (
    AssessmentMade,
    ConsentGiven,
    OrientationSet,
    PersonIntroduced,
    PlanProposed,
)
from {{ cookiecutter.package_name }}.rules import age


@pytest.mark.parametrize(
    ("born_on", "years"),
    [(date(1966, 10, 1), 60), (date(1966, 10, 2), 59), (date(1968, 2, 29), 58)],
)
def test_an_age_is_counted_in_whole_years(born_on: date, years: int) -> None:
    assert age(born_on, date(2026, 10, 1)) == years


def test_somebody_under_sixty_is_oriented_and_not_sent_away(trial: Trial) -> None:
    young = PersonIntroduced(
        person="Lucie", born_on=date(1992, 1, 15), phone="05 59 00 00 34", for_another=False
    )

    case = trial.cases.record(trial.begin().id, young, Channel.COUNTER)

    assert case.latest(OrientationSet) == OrientationSet(to="mdph")
    assert not case.closed


@pytest.mark.parametrize(("gir", "hours", "to"), [(1, 75, "apa"), (4, 30, "apa"), (5, None, "pension-fund")])
def test_a_plan_follows_from_the_assessment(trial: Trial, gir: int, hours: int | None, to: str) -> None:
    case = trial.fill(trial.begin())

    case = trial.cases.record(case.id, AssessmentMade(gir=gir), Channel.INTERNAL)

    plan, orientation = case.latest(PlanProposed), case.latest(OrientationSet)
    assert (plan.hours if plan else None) == hours
    assert orientation is not None
    assert orientation.to == to


def test_nobody_comes_without_consent(trial: Trial) -> None:
    case = trial.fill(trial.begin())
    case = trial.cases.record(case.id, ConsentGiven(assessor=False, doctor=True), Channel.TELEPHONE)

    case = trial.cases.submit(case.id, Channel.TELEPHONE)

    assert not trial.service.desk[0].when(case)


def test_all_that_is_asked_of_a_person_is_sealed(trial: Trial) -> None:
    for page in trial.service.pages:
        assert personal_names(page.event) == set(page.event.__struct_fields__)
