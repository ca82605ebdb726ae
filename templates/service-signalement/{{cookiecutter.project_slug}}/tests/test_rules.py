"""What the street service makes of a report: how urgent, whose, and what the person who sent it is told."""

from datetime import date, timedelta

import pytest
from labkit.prototype import ServiceCase
from labkit.prototype.trying import Trial
from ledger.domain.events import CaseClosed
from ledger.domain.vocabulary import Channel, ClosingReason

from {{ cookiecutter.package_name }}.events import (
    Category,
    DangerTold,
    FollowUpChosen,
    Hazard,
    RepairPlanned,
    ReportMerged,
    ReportSorted,
    TeamSent,
    Urgency,
    WorkDone,
)
from {{ cookiecutter.package_name }}.measures import (
    asked_again_share,
    days_to_work_done,
)
from {{ cookiecutter.package_name }}.rules import (
    day_sent,
    urgency_of,
)


def sent(trial: Trial) -> ServiceCase:
    return trial.cases.submit(trial.fill(trial.begin()).id, Channel.WEB)


def day_of(case: ServiceCase) -> date:
    day = day_sent(case)
    assert day is not None
    return day


@pytest.mark.parametrize(
    ("category", "hazard", "urgency"),
    [
        ("pothole", "deep-hole", "immediate"),
        ("street-light", "live-wire", "immediate"),
        ("rubbish", "slippery", "soon"),
        ("water-leak", None, "soon"),
        ("graffiti", None, "planned"),
    ],
)
def test_the_danger_counts_before_the_kind_of_problem(
    category: Category, hazard: Hazard | None, urgency: Urgency
) -> None:
    assert urgency_of(category, hazard) == urgency


def test_a_report_is_sorted_when_it_is_sent(trial: Trial) -> None:
    case = sent(trial)

    assert case.every(ReportSorted) == (ReportSorted(team="roads", urgency="immediate", go_by=day_of(case)),)


def test_a_danger_that_is_taken_back_no_longer_hurries_anybody(trial: Trial) -> None:
    case = trial.cases.record(sent(trial).id, DangerTold(danger=False), Channel.TELEPHONE)

    later = day_of(case) + timedelta(days=15)
    assert case.latest(ReportSorted) == ReportSorted(team="roads", urgency="planned", go_by=later)


def test_a_report_may_be_anonymous(trial: Trial) -> None:
    case = trial.fill(trial.begin(), pages=4)

    case = trial.cases.record(case.id, FollowUpChosen(), Channel.WEB)

    assert trial.service.next_page(case) is None


def test_a_duplicate_is_left_to_the_report_that_goes_on(trial: Trial) -> None:
    first, second = sent(trial), sent(trial)

    merged = trial.cases.record(second.id, ReportMerged(duplicate_of=first.reference), Channel.INTERNAL)

    assert [page.when(merged) for page in trial.service.desk] == [False, False, False]
    assert "/page/team" not in trial.browser.get(f"/fr/desk/case/{merged.id}").text
    assert first.reference in trial.browser.get(f"/fr/case/{merged.id}/done").text


def test_a_duplicate_is_closed_as_one(trial: Trial) -> None:
    case = sent(trial)

    trial.browser.post(f"/fr/desk/case/{case.id}/close", data={"reason": "duplicate"})

    closed = trial.cases.get(case.id).moments[-1].event
    assert isinstance(closed, CaseClosed)
    assert closed.reason is ClosingReason.DUPLICATE


def test_what_was_only_made_safe_is_to_be_repaired(trial: Trial) -> None:
    done = WorkDone(result="made-safe", done_on=date(2026, 9, 14), notice="Le trou est balisé.")

    case = trial.cases.record(sent(trial).id, done, Channel.INTERNAL)

    assert case.every(RepairPlanned) == (RepairPlanned(repair_by=date(2026, 10, 14)),)
    assert "Le trou est balisé." in trial.browser.get(f"/fr/case/{case.id}/done").text


def test_the_delay_runs_from_the_sending_to_the_end_of_the_work(trial: Trial) -> None:
    case = sent(trial)
    done = WorkDone(result="repaired", done_on=day_of(case) + timedelta(days=4), notice="Réparé.")

    assert days_to_work_done([case]) is None
    assert days_to_work_done([trial.cases.record(case.id, done, Channel.INTERNAL)]) == 4


def test_a_report_is_asked_again_about_only_before_a_team_goes(trial: Trial) -> None:
    case = sent(trial)
    team = TeamSent(team="roads", goes_on=day_of(case))
    case = trial.cases.record(case.id, team, Channel.INTERNAL)
    trial.browser.post(f"/fr/desk/case/{case.id}/write", data={"message": "C’est fait.", "channel": "web"})

    assert asked_again_share([trial.cases.get(case.id)]) == 0

    other = sent(trial)
    trial.browser.post(f"/fr/desk/case/{other.id}/write", data={"message": "Où ?", "channel": "web"})

    assert asked_again_share([trial.cases.get(other.id)]) == 1
