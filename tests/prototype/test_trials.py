"""Trying with people: what a trial is, the text agreed to, the journey without the lab, what is erased."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from labkit.prototype.events import ServiceEvent
from labkit.prototype.kit_events import NoteTaken, TrialBegun, TrialEnded, TrialPrepared
from labkit.prototype.lab.exporting import exported
from labkit.prototype.texts import LANGUAGES
from labkit.prototype.trials import KEPT, Trial, begin, consent_of, end, note, prepare, trial_of, version_of
from labkit.prototype.trying import Trial as Running
from labkit.prototype.trying import form_of
from ledger.domain.vocabulary import Channel

START = datetime(2026, 9, 14, 9, 30, tzinfo=UTC)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(trial: Running) -> Clock:
    trial.cases.clock = Clock()
    return trial.cases.clock


@pytest.fixture
def prepared(trial: Running, clock: Clock) -> Trial:
    """A trial of which the link was made."""
    return prepare(trial.cases, trial.begin().id, TrialPrepared(label="P1", persona="jean"))


@pytest.fixture
def participant(trial: Running) -> Iterator[Running]:
    """Another person's browser: it has none of the maker's cookies."""
    trial.browser.cookies.clear()
    yield trial
    trial.browser.cookies.clear()


def now(trial: Running, of: Trial) -> Trial:
    found = trial_of(trial.service, trial.cases.get(of.case.id))
    assert found is not None
    return found


def link(of: Trial, end: str = "") -> str:
    return f"/fr/trial/{of.case.id}{end}"


def main_of(trial: Running, path: str) -> str:
    return trial.browser.get(path).text.partition("<main")[2]


def test_a_case_that_was_prepared_for_nobody_is_no_trial(trial: Running) -> None:
    assert trial_of(trial.service, trial.begin()) is None


def test_a_trial_goes_from_ready_to_completed(trial: Running, prepared: Trial, clock: Clock) -> None:
    assert (prepared.state, prepared.running, prepared.taken_s) == ("ready", False, None)
    clock.later(minutes=5)
    begun = begin(trial.cases, prepared, "2026-11.fr.0")
    assert (begun.state, begun.running, begun.taken_s, begun.consent) == ("running", True, 0, "2026-11.fr.0")
    clock.later(seconds=90)
    trial.fill(begun.case)
    assert now(trial, begun).answered == ("family", "child", "days", "allergy", "income")
    clock.later(seconds=30)
    trial.cases.submit(begun.case.id, Channel.WEB)
    clock.later(minutes=10)
    done = end(trial.cases, begun)
    assert (done.state, done.running, done.taken_s, done.stopped_at) == ("completed", False, 120, None)


@pytest.mark.parametrize(("pages", "page"), [(0, "family"), (2, "days"), (5, "check")])
def test_who_stops_is_known_to_have_stopped_at_a_page(
    trial: Running, prepared: Trial, clock: Clock, pages: int, page: str
) -> None:
    begun = begin(trial.cases, prepared, "v")
    trial.fill(begun.case, pages=pages)
    clock.later(seconds=40)
    stopped = end(trial.cases, begun)
    assert (stopped.state, stopped.stopped_at, stopped.taken_s, len(stopped.answered)) == ("stopped", page, 40, pages)


def test_what_was_answered_beforehand_is_not_the_participant_s(trial: Running, clock: Clock) -> None:
    case = trial.cases.submit(trial.fill(trial.begin()).id, Channel.WEB)
    ready = prepare(trial.cases, case.id, TrialPrepared(label="P1"))
    clock.later(minutes=1)
    assert begin(trial.cases, ready, "v").state == "running"
    assert now(trial, ready).answered == ()


def test_agreeing_and_stopping_twice_is_doing_so_once(trial: Running, prepared: Trial) -> None:
    for _ in range(2):
        begin(trial.cases, prepared, "v")
    for _ in range(2):
        end(trial.cases, prepared)
    case = trial.cases.get(prepared.case.id)
    assert (len(case.every(TrialBegun)), len(case.every(TrialEnded))) == (1, 1)


@pytest.mark.parametrize("event", [TrialPrepared, TrialBegun, TrialEnded])
def test_what_makes_a_trial_holds_nothing_personal(event: type[ServiceEvent]) -> None:
    assert "Personal" not in str(event.__annotations__)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_says_who_what_how_long_and_how_to_stop(participant: Running, prepared: Trial, language: str) -> None:
    page = participant.browser.get(f"/{language}/trial/{prepared.case.id}").text
    assert participant.cases.offer.authority_name in page
    assert f"{KEPT.days} " in page
    assert all(word in page for word in ("CNIL", "6.1.a", "Jean Cazenave"))
    assert "lab-bar" not in page
    assert not re.search(r"\{\w+\}", page)


def test_the_version_names_the_very_words(trial: Running) -> None:
    texts = {language: trial.project.texts(language) for language in LANGUAGES}
    said = {language: consent_of(texts[language], "Ville de Pau") for language in LANGUAGES}
    versions = {version_of(said[language], texts[language]) for language in LANGUAGES}
    versions |= {version_of(consent_of(texts["fr"], "Ville de Lons"), texts["fr"])}
    own = texts["fr"].extended({"trial.consent.kept.text": "Un mois."})
    versions |= {version_of(consent_of(own, "Ville de Pau"), own)}
    assert len(versions) == 4
    assert all(re.fullmatch(r"2026-11\.(fr|en)\.[0-9a-f]{12}", version) for version in versions)


def test_who_does_not_agree_leaves_no_trace(participant: Running, prepared: Trial) -> None:
    answer = participant.browser.post(link(prepared, "/stop"))
    assert answer.url.path.endswith("/refused")
    assert "participant" not in participant.browser.cookies
    assert participant.cases.get(prepared.case.id) == prepared.case


def test_who_agrees_goes_through_the_journey_without_the_lab(participant: Running, prepared: Trial) -> None:
    browser = participant.browser
    answer = browser.post(link(prepared))
    assert answer.url.path == "/fr"
    shown = browser.get(link(prepared)).text
    answer = browser.post("/fr/start")
    for page in participant.service.pages:
        if page.when(participant.cases.get(prepared.case.id)):
            assert answer.url.path == f"/fr/case/{prepared.case.id}/{page.name}"
            assert "lab-bar trial-bar" in answer.text
            assert "/_lab" not in answer.text
            assert f"{link(prepared)}/stop" in answer.text
            answer = browser.post(str(answer.url), data=form_of(page, participant.samples()))
    browser.post(str(answer.url))

    told = now(participant, prepared)
    version = re.findall(r"2026-11\.fr\.[0-9a-f]{12}", shown)[0]
    assert (told.state, told.consent) == ("completed", version)
    assert len(participant.cases.entries()) == 1


def test_the_way_out_is_on_pages_that_went_wrong_too(participant: Running, prepared: Trial) -> None:
    participant.browser.post(link(prepared))
    for path in ("/fr/nowhere/at/all", "/fr/case/00000000-0000-4000-8000-000000000000/child"):
        page = participant.browser.get(path)
        assert page.status_code == 404
        assert f"{link(prepared)}/stop" in page.text
        assert "/_lab" not in page.text


def test_a_participant_answers_alone(participant: Running, prepared: Trial) -> None:
    participant.browser.post("/_lab/fr/choose/persona", data={"value": "nadia"})
    participant.browser.post(link(prepared))
    page = participant.browser.get(f"/fr/case/{prepared.case.id}/family").text
    assert 'value="Nadia Larrieu"' not in page
    assert 'value="Jean Cazenave"' not in page
    assert "Jean Cazenave" in page


def test_a_link_that_ended_begins_nothing(participant: Running, prepared: Trial) -> None:
    participant.browser.post(link(prepared))
    assert participant.browser.post(link(prepared, "/stop")).url.path == link(prepared, "/over")
    before = participant.cases.get(prepared.case.id)
    answer = participant.browser.post(link(prepared))
    assert answer.url.path == link(prepared)
    assert participant.cases.get(prepared.case.id) == before
    assert "lab-bar" not in participant.browser.get("/fr").text


def test_a_browser_leaves_a_trial_from_the_lab(participant: Running, prepared: Trial) -> None:
    participant.browser.post(link(prepared))
    assert "choose/participant" in participant.browser.get("/_lab/fr").text
    participant.browser.post("/_lab/fr/choose/participant")
    assert "/_lab/fr" in participant.browser.get("/fr").text


@pytest.mark.parametrize("cookie", ["", "x", "00000000-0000-4000-8000-000000000000"])
def test_a_cookie_that_names_no_trial_breaks_nothing(participant: Running, cookie: str) -> None:
    page = participant.browser.get("/fr", headers={"cookie": f"participant={cookie}"})
    assert page.status_code == 200
    assert "trial-bar" not in page.text


def test_a_case_that_is_no_trial_has_no_invitation(participant: Running) -> None:
    case = participant.begin()
    assert participant.browser.get(f"/fr/trial/{case.id}").status_code == 404
    assert participant.browser.post(f"/fr/trial/{case.id}").status_code == 404
    assert participant.browser.get("/fr/trial/x").status_code == 404


def test_what_was_written_is_erased_as_simply_as_it_was_agreed_to(participant: Running, prepared: Trial) -> None:
    participant.browser.post(link(prepared))
    participant.fill(prepared.case, pages=3)
    note(participant.cases, prepared.case.id, "Cherche le bouton")
    participant.browser.post(link(prepared, "/stop"))

    answer = participant.browser.post(link(prepared, "/erase"))

    told = now(participant, prepared)
    assert answer.url.path == link(prepared, "/erased")
    assert (told.state, told.case.latest(NoteTaken)) == ("stopped", None)
    everything = msgspec.json.encode(exported(told, content=True)).decode()
    everything += main_of(participant, f"/_lab/fr/trials/{prepared.case.id}")
    everything += main_of(participant, f"/_lab/fr/trials/{prepared.case.id}/replay")
    assert not [word for word in ("Nadia", "Inès", "Cherche") if word in everything]


def test_nothing_is_erased_of_a_trial_that_still_runs(participant: Running, prepared: Trial) -> None:
    participant.browser.post(link(prepared))
    case = participant.fill(prepared.case, pages=1)
    assert participant.browser.post(link(prepared, "/erase")).url.path == link(prepared)
    assert participant.cases.get(case.id).moments[-1].service_event is not None


def test_what_is_older_than_promised_is_pointed_out_and_erased(trial: Running, prepared: Trial, clock: Clock) -> None:
    begun = begin(trial.cases, prepared, "v")
    trial.fill(begun.case, pages=1)
    assert "erase-due" not in trial.browser.get("/_lab/fr/trials").text
    clock.later(days=KEPT.days, seconds=1)
    assert "erase-due" in trial.browser.get("/_lab/fr/trials").text

    page = trial.browser.post("/_lab/fr/trials/erase-due")

    assert "erase-due" not in page.text
    assert "Nadia" not in main_of(trial, f"/_lab/fr/case/{begun.case.id}")
    assert trial.browser.post("/_lab/fr/trials/erase-due").status_code == 200
