"""The counter in a browser: the entrance, the wall, the desks, and one case that comes from elsewhere and goes on."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from shutil import copytree
from uuid import uuid4

import pytest

from labkit.prototype.channel_settings import read_settings
from labkit.prototype.counter_desk import CounterSettings
from labkit.prototype.failures import BrokenProject
from labkit.prototype.kit_events import TicketClosed, TicketTaken
from labkit.prototype.project import Project
from labkit.prototype.trying import Trial, form_of
from ledger.domain.events import CounterVisit, InteractionRecorded
from ledger.domain.vocabulary import Channel, Direction
from tests.prototype.rooms import HOSTILE, at, at_once, fill, only_case

ENTRANCE, DISPLAY, DESK = "/fr/counter", "/fr/counter/display", "/fr/desk/counter/1"


def test_a_ticket_shows_its_number_who_is_before_and_the_reference(trial: Trial) -> None:
    for _ in range(2):
        trial.browser.post(ENTRANCE)

    ticket = trial.browser.post(ENTRANCE)

    assert ticket.status_code == 200
    assert "A003" in ticket.text
    assert "2 personnes avant vous" in ticket.text
    assert trial.cases.entries()[0].reference in ticket.text


def test_a_ticket_says_when_one_is_called_and_where_then_that_it_is_over(trial: Trial) -> None:
    ticket = trial.browser.post(ENTRANCE).url.path
    assert "Vous êtes le prochain" in trial.browser.get(ticket).text

    visit = trial.browser.post(DESK).url.path
    called = trial.browser.get(ticket).text
    trial.browser.post(visit)

    assert "C’est à vous" in called
    assert "Guichet 1" in called
    assert "plus dans la file" in trial.browser.get(ticket).text


def test_yesterday_s_ticket_is_over(trial: Trial) -> None:
    ticket = trial.browser.post(ENTRANCE).url.path
    tomorrow = trial.cases.clock() + timedelta(days=1)
    at(trial, tomorrow)

    assert "plus dans la file" in trial.browser.get(ticket).text


def test_a_ticket_sent_twice_is_one_case_and_one_ticket(trial: Trial) -> None:
    shown = trial.browser.get(ENTRANCE).text
    once = shown.split('name="once" value="')[1].split('"')[0]

    at_once([lambda: trial.browser.post(ENTRANCE, data={"once": once})] * 3)

    assert len(only_case(trial).every(TicketTaken)) == 1


def test_the_first_contact_is_at_the_entrance(trial: Trial) -> None:
    trial.browser.post(ENTRANCE)

    (contact,) = only_case(trial).contacts()

    assert (contact.channel, contact.direction) == (Channel.COUNTER, Direction.IN)
    assert contact.particulars == CounterVisit(desk="Accueil")


def test_a_case_begun_on_the_web_goes_on_at_the_counter_then_on_the_telephone_and_back(trial: Trial) -> None:
    case = trial.fill(trial.begin(), pages=1)

    trial.browser.post(ENTRANCE, data={"reference": f" {case.reference.lower().replace('-', ' ')} "})
    visit = trial.browser.post(DESK).url.path
    fill(trial, case, visit, pages=1)
    trial.browser.post(visit, data={"visit_summary": "Rappeler pour les jours."})

    call = trial.browser.post("/fr/desk/telephone", data={"reference": case.reference}).url.path
    fill(trial, case, call, pages=2)
    trial.browser.post(call, data={"call_back": "no"})

    resumed = trial.browser.post("/fr/resume", data={"reference": case.reference})
    assert resumed.url.path.endswith(f"/case/{case.id}/income")
    trial.fill(trial.cases.get(case.id))
    trial.browser.post(f"/fr/case/{case.id}/check")

    told = trial.cases.get(case.id)
    assert told.submitted
    assert told.channels == (Channel.WEB, Channel.COUNTER, Channel.TELEPHONE)
    assert [contact.channel.value for contact in told.contacts()] == ["web", "counter", "telephone"]
    assert [moment.channel for moment in told.moments if moment.name == "request-submitted.v1"] == [Channel.WEB]
    assert len(trial.cases.entries()) == 1


def test_what_an_agent_fills_in_at_the_counter_is_the_agent_s_and_of_the_counter(trial: Trial) -> None:
    trial.browser.post(ENTRANCE)
    visit, case = trial.browser.post(DESK).url.path, only_case(trial)

    fill(trial, case, visit, pages=1)

    last = trial.cases.get(case.id).moments[-1]
    assert (last.name, last.channel, last.event.stamp.by) == ("family-introduced.v1", Channel.COUNTER, "agent")


def test_a_visit_is_told_once_with_its_desk_and_frees_it(trial: Trial) -> None:
    trial.browser.post(ENTRANCE)
    visit = trial.browser.post(DESK).url.path

    answers = [trial.browser.post(visit, data={"visit_summary": "Papiers vus."}) for _ in range(2)]

    told = only_case(trial).contacts()[1:]
    assert [(contact.particulars, contact.summary) for contact in told] == [
        (CounterVisit(desk="Guichet 1"), "Papiers vus.")
    ]
    assert only_case(trial).every(TicketClosed) == (TicketClosed(number="A001", outcome="received"),)
    assert answers[0].url.path == DESK
    assert "Appeler le suivant" in answers[0].text


def test_a_citizen_who_is_not_there_leaves_no_visit(trial: Trial) -> None:
    trial.browser.post(ENTRANCE)
    visit = trial.browser.post(DESK).url.path

    trial.browser.post(visit, data={"absent": "1", "visit_summary": "x" * 3000})

    assert len(only_case(trial).contacts()) == 1
    assert only_case(trial).every(TicketClosed) == (TicketClosed(number="A001", outcome="absent"),)


def test_everything_answered_is_sent_in_the_citizen_s_presence(trial: Trial) -> None:
    trial.browser.post(ENTRANCE)
    visit, case = trial.browser.post(DESK).url.path, only_case(trial)
    too_early = trial.browser.post(f"{visit}/submit")

    fill(trial, case, visit, pages=5)
    complete = trial.browser.get(visit).text
    trial.browser.post(f"{visit}/submit")

    assert too_early.status_code == 200
    assert "Toutes les réponses sont là" in complete
    moments = [moment for moment in only_case(trial).moments if moment.name == "request-submitted.v1"]
    assert [(moment.channel, moment.event.stamp.by) for moment in moments] == [(Channel.COUNTER, "agent")]


def test_an_earlier_page_may_be_changed_and_the_same_answer_is_not_told_twice(trial: Trial) -> None:
    trial.browser.post(ENTRANCE)
    visit, case = trial.browser.post(DESK).url.path, only_case(trial)
    fill(trial, case, visit, pages=2)
    version = only_case(trial).version
    page = trial.service.pages[0]

    form = form_of(page, trial.samples())
    assert form["parent"] in trial.browser.get(f"{visit}/page/{page.name}").text
    trial.browser.post(f"{visit}/page/{page.name}", data=form)
    assert only_case(trial).version == version
    trial.browser.post(f"{visit}/page/{page.name}", data=form | {"phone": "05 59 11 11 11"})

    assert only_case(trial).version == version + 1


def test_two_agents_who_call_at_once_see_two_cases(trial: Trial) -> None:
    for _ in range(2):
        trial.browser.post(ENTRANCE)

    visits = at_once([partial(trial.browser.post, f"/fr/desk/counter/{rank}") for rank in (1, 2)])

    assert len({visit.url.path for visit in visits}) == 2
    wall = trial.browser.get(DISPLAY).text
    assert all(word in wall for word in ("A001", "A002", "Guichet 1", "Guichet 2"))


def test_the_wall_shows_the_last_called_first_and_forgets_who_left(trial: Trial) -> None:
    for _ in range(3):
        trial.browser.post(ENTRANCE)
    first = trial.browser.post(DESK).url.path
    trial.browser.post("/fr/desk/counter/2")

    wall = trial.browser.get(DISPLAY).text
    assert wall.index("A002") < wall.index("A001") < wall.index("A003")

    trial.browser.post(first)
    assert "A001" not in trial.browser.get(DISPLAY).text


def test_pages_that_move_on_do_so_without_javascript_too(trial: Trial) -> None:
    ticket = trial.browser.post(ENTRANCE).text

    for page in (ticket, trial.browser.get(DISPLAY).text):
        assert '<noscript><meta http-equiv="refresh"' in page
        assert "live-parts.js" in page


def test_the_queue_is_seen_from_a_desk_with_how_long_each_has_waited(trial: Trial) -> None:
    trial.browser.post(ENTRANCE)
    now = trial.cases.clock() + timedelta(minutes=12)
    at(trial, now)

    page = trial.browser.get(DESK).text

    assert "A001" in page
    assert "12 min" in page
    assert only_case(trial).reference in page


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_opens_in_both_languages(trial: Trial, language: str) -> None:
    ticket = trial.browser.post(ENTRANCE).url.path
    empty = trial.browser.get(f"/{language}/counter/display")
    visit = trial.browser.post(DESK).url.path
    paths = (ENTRANCE, ticket, DISPLAY, "/fr/desk/counter", DESK, visit, f"{visit}/page/child")

    answers = [empty, *(trial.browser.get(path.replace("/fr", f"/{language}", 1)) for path in paths)]

    assert [answer.status_code for answer in answers] == [200] * 8
    assert all(f'<html lang="{language}"' in answer.text for answer in answers)


def test_a_reference_that_is_none_is_said_to_be_none_and_nothing_is_kept(trial: Trial) -> None:
    for reference in HOSTILE:
        answer = trial.browser.post(ENTRANCE, data={"reference": reference})

        assert answer.status_code == 422, reference
        assert "Aucune demande n’a cette référence" in answer.text
        assert "<script>alert" not in answer.text
    assert trial.cases.entries() == []


def test_a_finished_request_takes_no_ticket(trial: Trial) -> None:
    case = trial.cases.close(trial.begin().id)

    answer = trial.browser.post(ENTRANCE, data={"reference": case.reference})

    assert answer.status_code == 422
    assert "est terminée" in answer.text
    assert trial.cases.get(case.id).version == case.version


def test_a_day_without_numbers_left_says_so(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labkit.prototype.ticketing.TICKETS_MAX", 0)

    answer = trial.browser.post(ENTRANCE)

    assert answer.status_code == 422
    assert "plus de ticket" in answer.text


def test_an_identifier_that_was_tampered_with_does_no_harm(trial: Trial) -> None:
    for once in HOSTILE:
        assert trial.browser.post(ENTRANCE, data={"once": once}).status_code == 200, once

    assert len(trial.cases.entries()) == len(HOSTILE)


def test_a_desk_that_is_not_there_calls_nobody(trial: Trial) -> None:
    trial.browser.post(ENTRANCE)

    for rank in ("0", "3", "-1", "99999999999999999999", "x"):
        for ask in (trial.browser.get, trial.browser.post):
            assert ask(f"/fr/desk/counter/{rank}").status_code == 404, rank
    assert "A001" in trial.browser.get("/fr/desk/counter").text


def test_a_page_left_empty_says_what_is_missing_and_keeps_nothing(trial: Trial) -> None:
    trial.browser.post(ENTRANCE)
    visit, case = trial.browser.post(DESK).url.path, only_case(trial)

    answer = trial.browser.post(f"{visit}/page/family", data={"parent": "<b>Nadia</b>"})

    assert answer.status_code == 422
    assert "Il y a quelque chose à vérifier" in answer.text
    assert "&lt;b&gt;Nadia" in answer.text
    assert only_case(trial).version == case.version


def test_a_summary_that_is_too_long_is_refused_and_shown_again(trial: Trial) -> None:
    trial.browser.post(ENTRANCE)
    visit, case = trial.browser.post(DESK).url.path, only_case(trial)

    answer = trial.browser.post(visit, data={"visit_summary": "x" * 2001})

    assert answer.status_code == 422
    assert "x" * 2001 in answer.text
    assert only_case(trial).version == case.version


def test_a_page_that_this_case_is_not_asked_is_not_there(trial: Trial) -> None:
    trial.browser.post(ENTRANCE)
    visit, case = trial.browser.post(DESK).url.path, only_case(trial)

    for page in ("allergy", "meals", "nothing", "%2e%2e"):
        for ask in (trial.browser.get, trial.browser.post):
            assert ask(f"{visit}/page/{page}").status_code == 404, page
    assert only_case(trial).version == case.version


def test_a_case_without_a_ticket_has_no_ticket_page_and_no_visit(trial: Trial) -> None:
    case = trial.begin()

    assert trial.browser.get(f"/fr/counter/ticket/{case.id}").status_code == 404
    assert trial.browser.get(f"/fr/counter/ticket/{uuid4()}").status_code == 404
    assert "Personne n’est au guichet" in trial.browser.get(f"/fr/desk/counter/case/{case.id}").text
    trial.browser.post(f"/fr/desk/counter/case/{case.id}", data={"visit_summary": "Rien."})
    assert trial.cases.get(case.id).version == case.version


def test_a_visit_whose_case_was_closed_meanwhile_asks_nothing_more(trial: Trial) -> None:
    trial.browser.post(ENTRANCE)
    visit = trial.browser.post(DESK).url.path
    case = trial.cases.close(only_case(trial).id)

    assert "clôturé" in trial.browser.get(visit).text
    assert trial.browser.post(visit, data={"visit_summary": "Trop tard."}).status_code == 200
    sample = form_of(trial.service.pages[0], trial.samples())
    assert trial.browser.post(f"{visit}/page/family", data=sample).status_code == 409
    assert trial.cases.get(case.id).version == case.version


def test_the_desk_of_the_agents_leads_to_the_counter(trial: Trial) -> None:
    assert 'href="/fr/desk/counter"' in trial.browser.get("/fr/desk").text


def test_the_story_of_a_case_tells_its_tickets_in_words(trial: Trial) -> None:
    trial.browser.post(ENTRANCE)
    visit, case = trial.browser.post(DESK).url.path, only_case(trial)
    trial.browser.post(visit)

    story = trial.browser.get(f"/fr/desk/case/{case.id}").text

    assert all(words in story for words in ("Ticket pris", "Ticket appelé", "Ticket terminé", "Usager reçu"))
    kinds = [type(moment.event) for moment in trial.cases.get(case.id).moments]
    assert kinds.count(InteractionRecorded) == 2


@pytest.mark.parametrize("said", ["desks = []", 'desks = [""]', 'prefix = "a 1"', 'desk = "A"', "entrance = 3"])
def test_settings_that_say_something_else_are_refused_in_words(project: Path, tmp_path: Path, said: str) -> None:
    told = Project(Path(copytree(project, tmp_path / "cantine")))
    (told.package / "channels/counter.toml").write_text(said, encoding="utf-8")

    with pytest.raises(BrokenProject, match=r"counter\.toml"):
        read_settings(told, Channel.COUNTER, CounterSettings)
