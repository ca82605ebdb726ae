"""The chatbot in a running prototype: pages without JavaScript, the ledger behind, and the agents' desk."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from labkit.prototype import ServiceCase
from labkit.prototype.conversation.speaking import Conversation
from labkit.prototype.conversation.thread import MACHINE, TURNS_MAX, care_of
from labkit.prototype.failures import CannotBeKept
from labkit.prototype.trying import Trial
from ledger.domain.events import ChatbotExchange
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel, Direction

CHAT = Channel.CHATBOT


def begin(trial: Trial, message: str = "commencer", language: str = "fr") -> ServiceCase:
    answer = trial.browser.post(f"/{language}/chat", data={"message": message, "once": str(uuid4())})
    assert answer.status_code == 200, answer.text
    return trial.cases.get(trial.cases.entries()[0].case_id)


def say(trial: Trial, case: ServiceCase, message: str, *, once: str = "") -> ServiceCase:
    answer = trial.browser.post(f"/fr/chat/{case.id}", data={"message": message, "once": once or str(uuid4())})
    assert answer.status_code == 200, answer.text
    return trial.cases.get(case.id)


def test_the_page_says_that_a_machine_answers_before_anything_is_written(trial: Trial) -> None:
    page = trial.browser.get("/fr/chat").text

    assert "Je suis une machine, pas une personne" in page
    assert trial.cases.entries() == []


def test_a_first_message_opens_a_case_and_every_message_is_a_contact(trial: Trial) -> None:
    case = begin(trial, "Bonjour")

    heard, said = case.contacts()

    assert (heard.channel, heard.direction, heard.summary) == (CHAT, Direction.IN, "Bonjour")
    assert (said.channel, said.direction, said.stamp.by) == (CHAT, Direction.OUT, MACHINE)
    assert isinstance(said.particulars, ChatbotExchange)


def test_sending_the_first_message_twice_opens_one_case(trial: Trial) -> None:
    form = {"message": "Bonjour", "once": str(uuid4())}

    pages = [trial.browser.post("/fr/chat", data=form) for _ in range(2)]

    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].url == pages[1].url
    assert len(trial.cases.entries()) == 1


def test_a_message_sent_twice_is_heard_once(trial: Trial) -> None:
    case, once = begin(trial), str(uuid4())

    say(trial, case, "Nadia Larrieu", once=once)
    case = say(trial, case, "Nadia Larrieu", once=once)

    assert len(case.contacts(Direction.IN)) == 2
    assert "téléphone" in case.contacts()[-1].summary


def test_a_message_heard_just_before_a_stop_is_answered_when_it_is_sent_again(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    case, conversation = begin(trial), Conversation(trial.project, trial.cases)
    first, next_one = CaseId(uuid4()), uuid4()
    with monkeypatch.context() as stopped:
        stopped.setattr(Conversation, "_say", stop)
        with pytest.raises(ZeroDivisionError):
            conversation.begin(first, "commencer", "fr")
        with pytest.raises(ZeroDivisionError):
            conversation.hear(case.id, "Nadia Larrieu", next_one, "fr")

    for _ in range(2):
        conversation.begin(first, "commencer", "fr")
        conversation.hear(case.id, "Nadia Larrieu", next_one, "fr")

    assert len(trial.cases.get(first).contacts()) == 2
    assert len(trial.cases.get(case.id).contacts()) == 4
    assert "téléphone" in trial.cases.get(case.id).contacts()[-1].summary


def test_a_page_that_the_ledger_does_not_keep_is_begun_again(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise CannotBeKept(reason="it is too long")

    case = begin(trial)
    for message in ("Nadia Larrieu", "05 59 00 00 01", "passer"):
        say(trial, case, message)
    with monkeypatch.context() as full:
        full.setattr(trial.cases, "record", refuse)
        case = say(trial, case, "oui")
    assert "Je ne peux pas garder cette page" in case.contacts()[-1].summary

    case = say(trial, case, "Nadia")

    assert "téléphone" in case.contacts()[-1].summary


def test_a_confirmed_page_is_recorded_on_the_channel_where_it_was_answered(trial: Trial) -> None:
    case = begin(trial)
    for message in ("Nadia Larrieu", "05 59 00 00 01", "passer"):
        case = say(trial, case, message)
    assert case.latest(trial.service.pages[0].event) is None

    case = say(trial, case, "oui")

    recorded = next(moment for moment in case.moments if moment.service_event is not None)
    assert recorded.channel is CHAT
    assert isinstance(recorded.service_event, trial.service.pages[0].event)


def test_a_case_begun_on_the_web_goes_on_by_its_reference(trial: Trial) -> None:
    case = trial.fill(trial.begin(), pages=1)

    resumed = trial.browser.post("/fr/chat/resume", data={"reference": case.reference.lower()})
    assert resumed.url.path == f"/fr/chat/{case.id}"
    assert "Je suis une machine" in resumed.text

    case = say(trial, case, "commencer")
    assert "L’enfant" in case.contacts()[-1].summary
    assert case.channels == (Channel.WEB, CHAT)


def test_a_reference_that_is_unknown_is_said_to_be(trial: Trial) -> None:
    answer = trial.browser.post("/fr/chat/resume", data={"reference": "ZZZ-ZZZ"})

    assert answer.status_code == 422
    assert "ZZZ-ZZZ" in answer.text


@pytest.mark.parametrize("message", ["", "   ", "a" * 2001])
def test_an_empty_or_endless_message_is_refused_and_nothing_is_recorded(trial: Trial, message: str) -> None:
    case = begin(trial)

    answer = trial.browser.post(f"/fr/chat/{case.id}", data={"message": message})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert trial.cases.get(case.id).version == case.version


def test_what_somebody_writes_is_shown_as_text(trial: Trial) -> None:
    case = begin(trial, "<script>alert(1)</script>{0}")

    page = trial.browser.get(f"/fr/chat/{case.id}").text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{0}" in page


def test_only_a_conversation_that_went_on_is_given_again(trial: Trial) -> None:
    case = begin(trial)
    path = f"/fr/chat/{case.id}/new"

    assert trial.browser.get(path, params={"after": str(case.version)}).status_code == 204

    trial.cases.contact(case.id, CHAT, Direction.OUT, "Bonjour, ici le service.")
    fresh = trial.browser.get(path, params={"after": str(case.version)})
    assert "Bonjour, ici le service." in fresh.text
    assert fresh.headers["Thread-Version"] == str(case.version + 1)


def test_the_hand_over_is_on_the_ledger_and_the_page_says_who_reads(trial: Trial) -> None:
    case = say(trial, begin(trial), "un humain")
    assert case.contacts()[-1].particulars == ChatbotExchange(human_wanted=True)

    case = say(trial, case, "vous êtes là ?")

    assert case.contacts()[-1].particulars == ChatbotExchange(human_wanted=True)
    assert case.contacts()[-1].direction is Direction.IN
    assert "Un agent de Ville de Pau lit cette conversation" in trial.browser.get(f"/fr/chat/{case.id}").text


def test_the_desk_shows_first_who_waits_for_a_person_the_oldest_at_the_top(trial: Trial) -> None:
    older, newer = (say(trial, begin(trial), "un humain").reference for _ in range(2))
    alone = begin(trial).reference

    page = trial.browser.get("/fr/desk/chatbot").text

    assert page.index(older) < page.index(newer) < page.index(alone)


def test_an_agent_answers_then_gives_back_and_the_machine_goes_on(trial: Trial) -> None:
    case = say(trial, say(trial, begin(trial), "Nadia Larrieu"), "un humain")
    desk = f"/fr/desk/chatbot/{case.id}"
    assert "Nadia Larrieu" in trial.browser.get(desk).text

    trial.browser.post(f"{desk}/answer", data={"message": "Bonjour, je vous lis."})
    assert care_of(trial.cases.get(case.id)).human
    trial.browser.post(f"{desk}/give-back")

    case = trial.cases.get(case.id)
    assert not care_of(case).human
    assert "téléphone" in case.contacts()[-1].summary
    assert len(say(trial, case, "05 59 00 00 01").contacts()) == len(case.contacts()) + 2


def test_an_answer_of_an_agent_sent_twice_is_said_once(trial: Trial) -> None:
    case = begin(trial)
    page = trial.browser.get(f"/fr/desk/chatbot/{case.id}").text
    once = page.partition('name="once" value="')[2].partition('"')[0]

    for _ in range(2):
        trial.browser.post(f"/fr/desk/chatbot/{case.id}/answer", data={"message": "Je vous lis.", "once": once})

    assert len(trial.cases.get(case.id).contacts()) == len(case.contacts()) + 1


def test_giving_back_twice_says_it_once(trial: Trial) -> None:
    case = say(trial, begin(trial), "un humain")

    for _ in range(2):
        trial.browser.post(f"/fr/desk/chatbot/{case.id}/give-back")

    assert len(trial.cases.get(case.id).contacts()) == len(case.contacts()) + 1


def test_an_empty_answer_of_an_agent_is_refused(trial: Trial) -> None:
    case = begin(trial)

    answer = trial.browser.post(f"/fr/desk/chatbot/{case.id}/answer", data={"message": " "})

    assert answer.status_code == 422
    assert not care_of(trial.cases.get(case.id)).human


def test_answers_not_confirmed_are_shown_at_the_desk(trial: Trial) -> None:
    case = say(trial, begin(trial), "Nadia Larrieu")

    page = trial.browser.get(f"/fr/desk/chatbot/{case.id}").text

    assert "Réponses pas encore confirmées" in page


def test_a_closed_case_takes_no_message(trial: Trial) -> None:
    case = begin(trial)
    trial.cases.close(case.id)

    assert "Cette demande est clôturée" in trial.browser.get(f"/fr/chat/{case.id}").text
    assert trial.browser.post(f"/fr/chat/{case.id}", data={"message": "encore"}).status_code == 409


def test_a_conversation_has_an_end(trial: Trial) -> None:
    case = begin(trial)
    for _ in range(TURNS_MAX - len(case.contacts())):
        trial.cases.contact(case.id, CHAT, Direction.OUT, "encore")

    answer = trial.browser.post(f"/fr/chat/{case.id}", data={"message": "encore"})

    assert answer.status_code == 422
    assert "trop longue" in answer.text


def test_it_speaks_english_too(trial: Trial) -> None:
    case = begin(trial, "start", "en")

    assert "I am a machine, not a person" in case.contacts()[-1].summary


@pytest.mark.parametrize("path", ["/fr/chat/{0}", "/fr/chat/{0}/new", "/fr/desk/chatbot/{0}"])
def test_a_case_that_is_not_there_is_not_found(trial: Trial, path: str) -> None:
    assert trial.browser.get(path.format(uuid4())).status_code == 404


def test_messages_that_come_at_once_are_answered_one_after_the_other(trial: Trial) -> None:
    case, conversation = begin(trial), Conversation(trial.project, trial.cases)

    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda message: conversation.hear(case.id, message, uuid4(), "fr"), ("a", "b", "c", "d")))

    directions = [contact.direction for contact in trial.cases.get(case.id).contacts()]
    assert directions == [Direction.IN, Direction.OUT] * 4 + [Direction.IN]
