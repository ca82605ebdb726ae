"""Starting again without losing one's place, going on elsewhere, playing somebody: what the lab lets one do."""

import re

import pytest

from labkit.prototype.lab.frame import here_of
from labkit.prototype.personas import sent_by, suggested
from labkit.prototype.questions import questions_of, values_of
from labkit.prototype.story import ServiceCase
from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel


@pytest.fixture
def begun(trial: Trial) -> ServiceCase:
    """A case of which two pages are answered."""
    return trial.fill(trial.begin(), pages=2)


def cases_of(trial: Trial) -> set[str]:
    return {str(entry.case_id) for entry in trial.cases.entries()}


def case_in(address: object) -> str:
    found = re.search(r"[0-9a-f-]{36}", str(address))
    assert found
    return found[0]


@pytest.mark.parametrize("page", ["family", "child", "days", "check"])
def test_starting_again_stays_on_the_page_with_an_empty_case(trial: Trial, begun: ServiceCase, page: str) -> None:
    answer = trial.browser.post(f"/_lab/fr/case/{begun.id}/again", data={"here": f"/fr/case/{begun.id}/{page}"})

    new = trial.cases.find(trial.cases.entries()[0].reference)
    assert answer.url.path == f"/fr/case/{new.id}/{page}"
    assert new.id != begun.id
    assert new.version == 2


@pytest.mark.parametrize(("page", "answers"), [("family", 0), ("child", 1), ("days", 2), ("income", 4), ("check", 5)])
def test_starting_again_filled_answers_the_pages_before_this_one(
    trial: Trial, begun: ServiceCase, page: str, answers: int
) -> None:
    form = {"here": f"/fr/case/{begun.id}/{page}", "filled": "yes"}
    answer = trial.browser.post(f"/_lab/fr/case/{begun.id}/again", data=form)

    new = trial.cases.find(trial.cases.entries()[0].reference)
    assert answer.url.path == f"/fr/case/{new.id}/{page}"
    assert sum(new.latest(each.event) is not None for each in trial.service.pages) == answers
    assert not new.submitted


def test_starting_again_after_the_end_sends_the_request_too(trial: Trial) -> None:
    case = trial.cases.submit(trial.fill(trial.begin()).id, Channel.WEB)
    form = {"here": f"/fr/case/{case.id}/done", "filled": "yes"}
    answer = trial.browser.post(f"/_lab/fr/case/{case.id}/again", data=form)
    assert trial.cases.find(trial.cases.entries()[0].reference).submitted
    assert answer.status_code == 200


def test_starting_again_keeps_the_case_s_own_answers(trial: Trial, begun: ServiceCase) -> None:
    family = trial.service.page("family")
    assert family is not None
    told = values_of(begun.latest(family.event)) | {"parent": "Somebody Else"}
    trial.browser.post(f"/fr/case/{begun.id}/family", data=told)

    trial.browser.post(f"/_lab/fr/case/{begun.id}/again", data={"here": f"/fr/case/{begun.id}/child", "filled": "yes"})

    new = trial.cases.find(trial.cases.entries()[0].reference)
    assert values_of(new.latest(family.event))["parent"] == "Somebody Else"


def test_starting_again_at_the_desk_stays_at_the_desk(trial: Trial, begun: ServiceCase) -> None:
    form = {"here": f"/fr/desk/case/{begun.id}", "filled": "yes"}
    answer = trial.browser.post(f"/_lab/fr/case/{begun.id}/again", data=form)
    new = trial.cases.find(trial.cases.entries()[0].reference)
    assert answer.url.path == f"/fr/desk/case/{new.id}"
    assert new.latest(trial.service.pages[1].event) == begun.latest(trial.service.pages[1].event)


def test_a_fork_is_a_case_of_its_own_and_says_where_it_comes_from(trial: Trial, begun: ServiceCase) -> None:
    answer = trial.browser.post(f"/_lab/en/case/{begun.id}/fork", data={"version": "3"})
    assert case_in(answer.url) != str(begun.id)
    assert f"/_lab/en/case/{begun.id}" in answer.text
    assert answer.text.count('class="tag">copied') == 3
    assert trial.cases.get(begun.id) == begun


@pytest.mark.parametrize("channel", list(Channel))
def test_a_case_goes_on_on_every_channel(trial: Trial, begun: ServiceCase, channel: Channel) -> None:
    for case in (begun, trial.cases.close(trial.begin().id)):
        answer = trial.browser.get(f"/_lab/fr/case/{case.id}/on/{channel.value}", follow_redirects=False)
        assert str(case.id) in answer.headers["location"]
        if channel in trial.project.channels():
            assert trial.browser.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    "here",
    ["//elsewhere.org/", "https://elsewhere.org", "/\\elsewhere.org", "", "fr", "/fr\r\nSet-Cookie: a=b", "/a b"],
)
def test_a_form_leads_back_to_our_own_pages_only(trial: Trial, here: str) -> None:
    assert here_of({"here": [here]}, "/_lab/fr") == "/_lab/fr"
    answer = trial.browser.post("/_lab/fr/choose/mode", data={"value": "dark", "here": here}, follow_redirects=False)
    assert answer.headers["location"] == "/_lab/fr"


def test_what_another_site_sends_is_refused(trial: Trial, begun: ServiceCase) -> None:
    before = cases_of(trial)
    elsewhere = {"origin": "https://elsewhere.org"}
    for path in (f"/_lab/fr/case/{begun.id}/fork", f"/_lab/fr/case/{begun.id}/again", "/_lab/fr/trials"):
        assert trial.browser.post(path, headers=elsewhere).status_code == 403
    assert cases_of(trial) == before


def test_a_persona_s_answers_are_shown_and_not_recorded(trial: Trial) -> None:
    case = trial.begin()
    trial.browser.post("/_lab/fr/choose/persona", data={"value": "jean"})

    page = trial.browser.get(f"/fr/case/{case.id}/family").text
    desk = trial.browser.get(f"/fr/desk/case/{case.id}/page/family").text

    assert 'value="Jean Cazenave"' in page
    assert 'value="Jean Cazenave"' in desk
    assert trial.cases.get(case.id) == case
    trial.browser.post("/_lab/fr/choose/persona", data={"value": ""})
    assert "Jean Cazenave" not in trial.browser.get(f"/fr/case/{case.id}/family").text.partition("<main")[2]


def test_what_was_answered_wins_over_the_persona(trial: Trial, begun: ServiceCase) -> None:
    trial.browser.post("/_lab/fr/choose/persona", data={"value": "jean"})
    assert 'value="Nadia Larrieu"' in trial.browser.get(f"/fr/case/{begun.id}/family").text


def test_every_persona_fits_the_forms_that_they_fill(trial: Trial) -> None:
    texts = trial.project.texts("fr")
    for persona in trial.project.personas().values():
        for page in trial.service.pages:
            values = suggested(persona, page.event)
            assert values.keys() <= {question.name for question in questions_of(page.event, texts)}
            event = sent_by(persona, page.event)
            assert event is None or values_of(event) == values


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_colours_are_chosen_and_forgotten(trial: Trial, mode: str) -> None:
    trial.browser.post("/_lab/fr/choose/mode", data={"value": mode, "here": "/fr"})
    assert f'data-theme="{mode}"' in trial.browser.get("/fr").text
    trial.browser.post("/_lab/fr/choose/mode", data={"value": "pink"})
    assert "data-theme" not in trial.browser.get("/fr").text


def test_another_theme_is_tried_on_by_this_browser(trial: Trial) -> None:
    own = trial.browser.get("/theme.css").text
    trial.browser.post("/_lab/fr/choose/theme", data={"value": "valmarsan"})
    assert "#6b2a5e" in trial.browser.get("/theme.css").text
    assert "#6b2a5e" in trial.browser.get("/_lab/fr/theme").text
    trial.browser.post("/_lab/fr/choose/theme", data={"value": "../../etc/passwd"})
    assert trial.browser.get("/theme.css").text == own
