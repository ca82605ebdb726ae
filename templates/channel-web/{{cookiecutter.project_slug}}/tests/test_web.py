"""The journey in a browser without JavaScript."""

from labkit.prototype.trying import Trial, form_of
from ledger.domain.vocabulary import Channel


def test_a_browser_goes_from_the_first_page_to_the_last(trial: Trial) -> None:
    answer = trial.browser.post("/fr/start")
    case = trial.cases.entries()[0]

    while page := trial.service.next_page(trial.cases.get(case.case_id)):
        answer = trial.browser.post(str(answer.url), data=form_of(page, trial.samples()))
    answer = trial.browser.post(str(answer.url))

    assert answer.url.path.endswith("/done")
    assert trial.cases.get(case.case_id).channels == (Channel.WEB,)


def test_answers_are_still_there_on_another_machine(trial: Trial) -> None:
    case = trial.fill(trial.begin(), pages=1)

    resumed = trial.browser.post("/fr/resume", data={"reference": case.reference.lower()})

    assert str(case.id) in str(resumed.url)
