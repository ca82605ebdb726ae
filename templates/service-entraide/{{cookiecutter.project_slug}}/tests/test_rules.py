"""What becomes of a notice between its writing and the meeting of two neighbours."""

from datetime import date

import pytest
from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel

from {{ cookiecutter.package_name }}.events import (
    Ground,
    MatchEnded,
    MatchProposed,
    NoticeFlagged,
    NoticePublished,
    NoticeReviewed,
)
from {{ cookiecutter.package_name }}.moderation import grounds_in
from {{ cookiecutter.package_name }}.rules import met_share


@pytest.mark.parametrize(
    ("words", "grounds"),
    [
        ("Appelez le 05 59 00 00 11", ("phone",)),
        ("Écrivez à moi@example.org, je paye 10 €", ("email", "money")),
        ("Trois sacs de courses le 12 mai", ()),
    ],
)
def test_words_are_looked_at_before_they_hang_on_a_wall(words: str, grounds: tuple[Ground, ...]) -> None:
    assert grounds_in(words) == grounds


def test_a_notice_with_a_telephone_number_is_flagged_and_not_refused(trial: Trial) -> None:
    case = trial.fill(trial.begin())

    case = trial.cases.submit(case.id, Channel.WEB)

    assert case.every(NoticeFlagged) == (NoticeFlagged(grounds=("phone",)),)
    assert case.latest(NoticePublished) is None


def test_a_published_notice_hangs_for_sixty_days(trial: Trial) -> None:
    case = trial.fill(trial.begin())

    reviewed = NoticeReviewed(verdict="published", reviewed_on=date(2026, 10, 5))
    case = trial.cases.record(case.id, reviewed, Channel.INTERNAL)

    assert case.latest(NoticePublished) == NoticePublished(until=date(2026, 12, 4))


def test_meetings_are_measured(trial: Trial) -> None:
    case = trial.fill(trial.begin())
    assert met_share([case]) is None

    for event in (MatchProposed(other_case="K7F-3QX"), MatchEnded(outcome="met")):
        case = trial.cases.record(case.id, event, Channel.INTERNAL)

    assert met_share([case]) == 1.0
