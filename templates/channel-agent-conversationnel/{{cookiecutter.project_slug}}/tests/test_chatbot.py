"""The journey as a conversation with a machine, and a person who takes over."""

from uuid import uuid4

from labkit.prototype import ServiceCase
from labkit.prototype.questions import questions_of
from labkit.prototype.trying import Trial, form_of
from ledger.domain.vocabulary import Channel, Direction


def say(trial: Trial, case: ServiceCase, message: str) -> ServiceCase:
    answer = trial.browser.post(f"/fr/chat/{case.id}", data={"message": message, "once": str(uuid4())})
    assert answer.is_success, answer.text
    return trial.cases.get(case.id)


def last_word(case: ServiceCase) -> str:
    return case.contacts(Direction.OUT)[-1].summary


def test_the_first_thing_said_is_that_a_machine_speaks(trial: Trial) -> None:
    trial.browser.post("/fr/chat", data={"message": "Bonjour"})

    case = trial.cases.get(trial.cases.entries()[0].case_id)

    assert "Je suis une machine" in case.contacts(Direction.OUT)[0].summary


def test_a_whole_request_is_made_by_talking(trial: Trial) -> None:
    case = say(trial, trial.begin(Channel.CHATBOT), "commencer")

    while page := trial.service.next_page(case):
        answers = form_of(page, trial.samples())
        for question in questions_of(page.event, trial.prototype.texts("fr")):
            answer = answers.get(question.name, "passer")
            case = say(trial, case, ", ".join(answer) if isinstance(answer, list) else answer)
        case = say(trial, case, "oui")
    case = say(trial, case, "oui")

    assert case.submitted
    assert case.reference in last_word(case)


def test_a_person_takes_over_when_asked_for(trial: Trial) -> None:
    case = say(trial, trial.begin(Channel.CHATBOT), "Je voudrais parler à un conseiller")

    heard = say(trial, case, "Vous êtes là ?")

    assert len(heard.contacts(Direction.OUT)) == len(case.contacts(Direction.OUT)) == 1
    assert case.reference in trial.browser.get("/fr/desk/chatbot").text
