"""The counter: a ticket, a call, the journey with an agent, the visit on the ledger."""

from labkit.prototype.trying import Trial, form_of
from ledger.domain.events import CounterVisit
from ledger.domain.vocabulary import Channel

CALL = "/fr/desk/counter/1"


def test_whoever_takes_a_ticket_is_called_and_received(trial: Trial) -> None:
    trial.browser.post("/fr/counter")
    visit = trial.browser.post(CALL).url.path
    case = trial.cases.get(trial.cases.entries()[0].case_id)

    while page := trial.service.next_page(trial.cases.get(case.id)):
        trial.browser.post(f"{visit}/page/{page.name}", data=form_of(page, trial.samples()))
    trial.browser.post(f"{visit}/submit")
    trial.browser.post(visit, data={"visit_summary": "Tout est là."})

    case = trial.cases.get(case.id)
    assert case.submitted
    assert case.channels == (Channel.COUNTER,)
    assert case.contacts()[-1].particulars == CounterVisit(desk="Guichet 1")
    assert trial.browser.post(CALL).url.path == CALL


def test_a_case_begun_on_the_web_goes_on_at_the_counter(trial: Trial) -> None:
    case = trial.fill(trial.begin(), pages=1)

    ticket = trial.browser.post("/fr/counter", data={"reference": case.reference.lower()})
    visit = trial.browser.post(CALL)

    assert str(case.id) in ticket.url.path
    assert str(case.id) in visit.url.path
    assert len(trial.cases.entries()) == 1
