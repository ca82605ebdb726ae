"""Trials as makers see them: links, observing, notes, lists, replays, exports."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from uuid import UUID

import msgspec
import pytest

from labkit.prototype.kit_events import NoteTaken, RequestSubmitted, TrialPrepared
from labkit.prototype.lab.exporting import ExportedTrial
from labkit.prototype.lab.invitation import qr_code
from labkit.prototype.lab.replay import steps_of
from labkit.prototype.lab.trial_pages import is_loopback
from labkit.prototype.presence import CASES_MAX, Presence
from labkit.prototype.trials import Trial, begin, end, note, prepare, trial_of
from labkit.prototype.trying import Trial as Running
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel

START = datetime(2026, 9, 14, 9, 30, tzinfo=UTC)
FORM = {"label": "P1", "persona": "jean", "channel": "web", "page": "", "origin": "fresh"}


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


def now(trial: Running, of: Trial) -> Trial:
    found = trial_of(trial.service, trial.cases.get(of.case.id))
    assert found is not None
    return found


def link(of: Trial, end: str = "") -> str:
    return f"/fr/trial/{of.case.id}{end}"


def made(trial: Running, **form: str) -> Trial:
    answer = trial.browser.post("/_lab/fr/trials", data=FORM | form)
    assert answer.status_code == 200, answer.text
    found = trial_of(trial.service, trial.cases.get(CaseId(UUID(str(answer.url).rpartition("/")[2]))))
    assert found is not None
    return found


@pytest.mark.parametrize("label", ["P1", "a-03", "Z" * 12])
def test_a_code_is_a_code(label: str) -> None:
    assert msgspec.convert({"event": "trial-prepared.v1", "label": label}, TrialPrepared).label == label


@pytest.mark.parametrize("label", ["", "Marie Dupont", "Élodie", "P" * 13, "-", "<b>", "p@x.org"])
def test_a_name_is_no_code(trial: Running, label: str) -> None:
    before = len(trial.cases.entries())
    answer = trial.browser.post("/_lab/fr/trials", data=FORM | {"label": label})
    assert answer.status_code == 422
    assert 'id="label-error"' in answer.text
    assert len(trial.cases.entries()) == before


def test_a_link_is_made_for_a_new_case_answered_up_to_its_first_page(trial: Running) -> None:
    ready = made(trial, persona="nadia", page="days")
    assert [ready.case.latest(page.event) is not None for page in trial.service.pages] == [True, True, *[False] * 3]
    assert ready.prepared == TrialPrepared(label="P1", persona="nadia", channel="web", page="days")
    trial.browser.cookies.clear()
    assert trial.browser.post(link(ready)).url.path == f"/fr/case/{ready.case.id}/days"


def test_a_link_is_made_for_a_copy_of_a_case_at_a_version(trial: Running) -> None:
    case = trial.fill(trial.begin(), pages=3)
    ready = made(trial, origin="fork", reference=case.reference.lower(), version="3")
    assert ready.case.id != case.id
    assert [ready.case.latest(page.event) for page in trial.service.pages[:2]] == [case.moments[2].service_event, None]
    answer = trial.browser.post("/_lab/fr/trials", data=FORM | {"origin": "fork", "reference": "no such"})
    assert answer.status_code == 422
    assert 'id="reference-error"' in answer.text
    assert 'value="no such"' in answer.text


def test_what_a_form_invents_is_left_out(trial: Running) -> None:
    ready = made(trial, persona="nobody", page="nowhere", channel="pigeon")
    assert (ready.prepared.persona, ready.prepared.page) == (None, None)
    assert ready.prepared.channel == "web"


def test_an_observer_sees_the_link_where_the_participant_is_and_writes_notes(trial: Running, prepared: Trial) -> None:
    watching = f"/_lab/fr/trials/{prepared.case.id}"
    page = trial.browser.get(watching).text
    assert f"http://127.0.0.1/fr/trial/{prepared.case.id}" in page
    assert 'src="data:image/svg+xml' in page

    trial.browser.post(link(prepared))
    trial.browser.get(f"/fr/case/{prepared.case.id}/family")
    trial.browser.post(f"{watching}/note", data={"text": "Hésite"})
    trial.browser.post(f"{watching}/note", data={"text": " "})
    page = trial.browser.get(watching).text

    assert re.search(r'id="place" role="status">Le parent', page)
    assert [event.text for event in now(trial, prepared).case.every(NoteTaken)] == ["Hésite"]
    trial.browser.post(f"{watching}/end")
    assert now(trial, prepared).case.moments[-1].event.stamp.by == "observer"
    assert trial.browser.post(f"{watching}/nothing").status_code == 404


def test_a_list_says_how_each_trial_went(trial: Running, prepared: Trial, clock: Clock) -> None:
    begun = begin(trial.cases, prepared, "v")
    trial.fill(begun.case, pages=2)
    clock.later(seconds=125)
    end(trial.cases, begun)
    page = trial.browser.get("/_lab/en/trials").text
    row = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)[1]
    assert all(word in row for word in ("P1", "Stopped before the end", "2 min 5 s", "Days and meal"))


def test_what_is_due_is_erased_even_if_no_list_shows_it(
    trial: Running, prepared: Trial, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labkit.prototype.lab.trial_pages.CASES_MAX", 1)
    begun = begin(trial.cases, prepared, "v")
    trial.fill(begun.case, pages=1)
    clock.later(days=91)
    prepare(trial.cases, trial.begin().id, TrialPrepared(label="P2"))
    assert now(trial, prepared).is_due(clock.now)
    assert "/_lab/fr/trials/erase-due" in trial.browser.get("/_lab/fr/trials").text

    trial.browser.post("/_lab/fr/trials/erase-due")

    assert not now(trial, prepared).is_due(clock.now)


def test_a_replay_goes_through_what_happened_in_time(trial: Running, prepared: Trial, clock: Clock) -> None:
    begun = begin(trial.cases, prepared, "v")
    clock.later(seconds=20)
    trial.fill(begun.case, pages=1)
    clock.later(seconds=10)
    note(trial.cases, begun.case.id, "Relit la question")

    steps = steps_of(now(trial, begun), trial.project.texts("en"))
    assert [(step.seconds, step.told.name, step.note) for step in steps] == [
        (0, "trial-begun.v1", ""),
        (20, "family-introduced.v1", ""),
        (30, "note-taken.v1", "Relit la question"),
    ]
    first = trial.browser.get(f"/_lab/en/trials/{begun.case.id}/replay?step=1").text
    third = trial.browser.get(f"/_lab/en/trials/{begun.case.id}/replay?step=99").text
    assert "Nadia Larrieu" not in first.partition('id="shown"')[2].partition("</section>\n<section")[0]
    assert "Nadia Larrieu" in third
    assert 'href="?step=2"' in third


def test_an_export_says_what_was_done_and_not_what_was_written(trial: Running, prepared: Trial, clock: Clock) -> None:
    begun = begin(trial.cases, prepared, "v")
    clock.later(seconds=7)
    trial.fill(begun.case, pages=2)
    note(trial.cases, begun.case.id, "Cherche le bouton")
    trial.cases.record(begun.case.id, RequestSubmitted(), Channel.WEB)

    plain = trial.browser.get(f"/_lab/fr/trials/{begun.case.id}/export.json")
    full = trial.browser.get(f"/_lab/fr/trials/{begun.case.id}/export.json?content=yes")

    told = msgspec.json.decode(plain.content, type=ExportedTrial)
    assert (told.label, told.state, told.answered, told.seconds) == ("P1", "completed", ("family", "child"), 7)
    assert told.moments[2].facts == {"school": "les-lauriers"}
    assert told.moments[2].left_out == ("born_on", "child")
    secrets = ("Nadia", "Inès", "Cherche", str(begun.case.id), begun.case.reference, str(begun.case.citizen))
    assert not [word for word in secrets if word in plain.text]
    assert all(word in full.text for word in secrets[:3])
    assert 'filename="trial-P1.json"' in plain.headers["content-disposition"]


def test_the_code_of_a_link_is_inline() -> None:
    drawing = unquote(qr_code("https://example.org/fr/trial/1"))
    assert drawing.startswith("data:image/svg+xml")
    assert "<path" in drawing


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("192.168.1.4", False), ("pau.fr", False)],
)
def test_an_address_that_opens_here_only_is_told(host: str, loopback: bool) -> None:  # noqa: FBT001  # a case of the test
    assert is_loopback(host) is loopback


def test_presence_keeps_the_last_page_of_a_bounded_number_of_people() -> None:
    presence = Presence()
    people = [CaseId(UUID(int=number)) for number in range(CASES_MAX + 1)]
    for person in people:
        presence.note(person, "/a", START)
        presence.note(people[1], "/b", START)
    assert presence.of(people[0]) is None
    seen = presence.of(people[1])
    assert seen is not None
    assert seen.path == "/b"
