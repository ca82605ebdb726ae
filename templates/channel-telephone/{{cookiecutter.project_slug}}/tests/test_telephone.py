"""The telephone: a script to read, the journey with an agent, a call-back promised and kept."""

from labkit.prototype.trying import Trial, form_of
from ledger.domain.vocabulary import Channel, Direction

DESK = "/fr/desk/telephone"


def test_a_call_goes_through_the_journey(trial: Trial) -> None:
    call, entry = trial.browser.post(DESK).url.path, trial.cases.entries()[0]

    while page := trial.service.next_page(trial.cases.get(entry.case_id)):
        trial.browser.post(f"{call}/page/{page.name}", data=form_of(page, trial.samples()))
    trial.browser.post(f"{call}/submit")

    case = trial.cases.get(entry.case_id)
    assert case.submitted
    assert case.channels == (Channel.TELEPHONE,)


def test_a_call_back_is_promised_then_kept(trial: Trial) -> None:
    case = trial.fill(trial.begin(), pages=1)

    call = trial.browser.post(DESK, data={"reference": case.reference}).url.path
    desk = trial.browser.post(call, data={"call_back": "soon", "call_summary": "Il manque une pièce."})
    assert case.reference in desk.text

    back = next(link for link in desk.text.split('"') if f"{case.id}/out/" in link)
    desk = trial.browser.post(back, data={"call_back": "no"})

    assert case.reference not in desk.text
    directions = [contact.direction for contact in trial.cases.get(case.id).contacts()]
    assert directions[-2:] == [Direction.IN, Direction.OUT]
