"""One case from its opening to its sending, whatever the channel."""

import pytest
from labkit.prototype.checking import missing_texts
from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel


def test_a_case_begun_on_the_web_is_finished_at_the_desk(trial: Trial) -> None:
    case = trial.fill(trial.begin(Channel.WEB), Channel.WEB, pages=1)

    case = trial.cases.submit(trial.fill(case, Channel.COUNTER).id, Channel.COUNTER)

    assert case.submitted
    assert case.channels[0] is Channel.WEB
    assert case.channels[-1] is Channel.COUNTER


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_of_the_journey_opens(trial: Trial, language: str) -> None:
    case = trial.fill(trial.begin())
    pages = [page.name for page in trial.service.asked(case)]

    for page in [*pages, "check", "done"]:
        assert trial.browser.get(f"/{language}/case/{case.id}/{page}").status_code == 200


def test_a_page_left_empty_says_what_is_missing_and_keeps_nothing(trial: Trial) -> None:
    case = trial.begin()

    answer = trial.browser.post(f"/fr/case/{case.id}/{trial.service.pages[0].name}", data={})

    assert answer.status_code == 422
    assert trial.cases.get(case.id).version == case.version


def test_no_word_is_missing_in_any_language(trial: Trial) -> None:
    assert missing_texts(trial.project) == []
