"""The mobile application as the server sees it: installable, drawn beforehand, and sent twice without harm."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest

from labkit.prototype.channels.mobile import CHANNEL
from labkit.prototype.device import happened_at
from labkit.prototype.installable import MODULES
from labkit.prototype.kit_events import RequestSubmitted
from labkit.prototype.story import ServiceCase
from labkit.prototype.trying import Trial, form_of
from ledger.domain.events import InteractionRecorded, MobileEntry
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def send(trial: Trial, path: str, form: dict[str, Any] | None = None, **told: str) -> tuple[int, dict[str, Any]]:
    command = {"command_id": str(uuid4()), "occurred_at": datetime.now(UTC).isoformat(), **told}
    answer = trial.browser.post(f"/fr/m/case/{path}", params=command, data=form or {})
    return answer.status_code, answer.json()


def samples(trial: Trial, name: str) -> dict[str, Any]:
    page = trial.service.page(name)
    assert page is not None
    return form_of(page, trial.samples())


def contacts(case: ServiceCase) -> list[InteractionRecorded]:
    return [contact for contact in case.contacts() if contact.channel is CHANNEL]


def case_of(trial: Trial, case_id: UUID) -> ServiceCase:
    return trial.cases.get(CaseId(case_id))


def test_the_manifest_says_what_a_telephone_must_know(trial: Trial) -> None:
    manifest = trial.browser.get("/en/m/manifest.webmanifest")

    assert manifest.headers["content-type"] == "application/manifest+json"
    assert manifest.json().items() >= {"start_url": "/en/m", "scope": "/en/m", "display": "standalone"}.items()
    assert trial.browser.get(manifest.json()["icons"][0]["src"]).headers["content-type"] == "image/svg+xml"


def test_the_service_worker_names_only_files_that_are_there(trial: Trial) -> None:
    worker = trial.browser.get("/sw.js")
    files = re.findall(r'"(/[^"]+)"', worker.text)

    assert worker.headers["content-type"].startswith("text/javascript")
    assert len(files) == len(list(MODULES.glob("*.js"))) + 3
    assert [trial.browser.get(file).status_code for file in files] == [200] * len(files)
    assert f"importScripts('{files[-1]}')" in worker.text


def test_modules_of_another_version_are_not_there(trial: Trial) -> None:
    assert trial.browser.get("/mobile/0123456789ab/app.js").status_code == 404


def test_without_javascript_the_web_serves(trial: Trial) -> None:
    page = trial.browser.get("/fr/m").text

    assert '<noscript><meta http-equiv="refresh" content="0; url=/fr"></noscript>' in page
    assert "worker-src 'self'" in trial.browser.get("/fr/m").headers["content-security-policy"]


def test_pages_are_drawn_as_the_web_draws_them_and_without_what_is_around(trial: Trial) -> None:
    pages = {page["name"]: page for page in trial.browser.get("/fr/m/journey.json").json()["pages"]}

    assert "<details>" in pages["income"]["html"]
    assert "<form novalidate>" in pages["child"]["html"]
    assert not any("<html" in page["html"] or "<main" in page["html"] for page in pages.values())
    assert [name for name, page in pages.items() if not page["always"]] == ["allergy"]
    assert pages["family"]["wrong"]["parent"]["empty"].startswith("Répondez à ceci")


def test_a_page_of_the_project_that_needs_a_case_is_drawn_as_the_standard_one(trial: Trial) -> None:
    own = trial.project.package / "pages" / "child.html"
    own.write_text('{% extends "page.html" %}{% block before %}{{ case.reference }}{% endblock %}', encoding="utf-8")
    try:
        pages = {page["name"]: page for page in trial.browser.get("/fr/m/journey.json").json()["pages"]}
    finally:
        own.unlink()

    assert 'name="child"' in pages["child"]["html"]


def test_a_case_made_on_a_telephone_is_opened_once_as_of_when_it_was_made(trial: Trial) -> None:
    case_id, made = uuid4(), datetime.now(UTC) - timedelta(hours=5)
    told = {"batch": str(uuid4()), "occurred_at": made.isoformat()}

    for _ in range(2):
        status, state = send(trial, str(case_id), **told)

    case = case_of(trial, case_id)
    assert status == 200
    assert state["reference"] == case.reference
    assert case.opened.occurred_at == made
    assert [contact.particulars for contact in case.contacts()] == [MobileEntry(offline=True)]


def test_a_case_opened_with_a_network_says_so(trial: Trial) -> None:
    case_id = uuid4()

    send(trial, str(case_id))

    assert [contact.particulars for contact in case_of(trial, case_id).contacts()] == [MobileEntry(offline=False)]


def test_an_identifier_that_no_telephone_draws_opens_nothing(trial: Trial) -> None:
    case_id = uuid5(uuid4(), "derived")

    status, problem = send(trial, str(case_id))

    assert status == 404
    assert "pas connue" in problem["message"]
    assert trial.cases.entries() == []


@pytest.mark.parametrize("command_id", ["", "7", str(uuid5(UUID(int=7), "derived"))])
def test_a_command_without_an_identifier_of_its_own_is_not_taken(trial: Trial, command_id: str) -> None:
    case = trial.begin()

    status, _ = send(trial, f"{case.id}/family", samples(trial, "family"), command_id=command_id)

    assert status == 404
    assert trial.cases.get(case.id).version == case.version


def test_what_is_sent_twice_is_recorded_once_with_what_follows_from_it(trial: Trial) -> None:
    case = trial.begin(CHANNEL)
    told = {"command_id": str(uuid4()), "batch": str(uuid4())}

    answers = [send(trial, f"{case.id}/income", samples(trial, "income"), **told) for _ in range(3)]

    names = [moment.name for moment in trial.cases.get(case.id).moments[2:]]
    assert names == ["interaction-recorded.v1", "income-declared.v1", "tariff-band-set.v1"]
    assert [status for status, _ in answers] == [200] * 3
    assert answers[0] == answers[2]


def test_a_batch_without_network_is_one_contact(trial: Trial) -> None:
    case, batches = trial.begin(), [str(uuid4()), str(uuid4())]

    for page, batch in (("family", batches[0]), ("child", batches[0]), ("days", batches[1])):
        send(trial, f"{case.id}/{page}", samples(trial, page), batch=batch)
    send(trial, f"{case.id}/income", samples(trial, "income"))

    found = contacts(trial.cases.get(case.id))
    assert [contact.particulars for contact in found] == [MobileEntry(offline=True)] * 2


def test_a_wrong_answer_comes_back_in_the_language_of_the_page_and_is_no_contact(trial: Trial) -> None:
    case = trial.begin()
    told = {"command_id": str(uuid4()), "batch": str(uuid4())}

    answer = trial.browser.post(f"/en/m/case/{case.id}/income", params=told, data={"quotient": "30000"})

    assert answer.status_code == 422
    assert answer.json()["errors"] == {"quotient": "Write a whole number: Your family quotient"}
    assert trial.cases.get(case.id).version == case.version


def test_a_closed_case_sends_answers_back(trial: Trial) -> None:
    case = trial.cases.close(trial.begin().id)

    status, problem = send(trial, f"{case.id}/family", samples(trial, "family"), batch=str(uuid4()))

    assert status == 409
    assert "clôturée" in problem["message"]
    assert trial.cases.get(case.id).version == case.version


def test_a_case_that_nobody_knows_sends_answers_back(trial: Trial) -> None:
    status, problem = send(trial, f"{uuid4()}/family", samples(trial, "family"))

    assert status == 404
    assert "pas connue" in problem["message"]


@pytest.mark.parametrize("page", ["meals", "nowhere"])
def test_only_pages_of_the_journey_are_answered_here(trial: Trial, page: str) -> None:
    assert send(trial, f"{trial.begin().id}/{page}", {"month": "2026-09", "meals": "8"})[0] == 404


def test_a_request_waits_for_the_page_that_only_the_server_knew_of(trial: Trial) -> None:
    case = trial.begin()
    for page in ("family", "child", "days", "income"):
        send(trial, f"{case.id}/{page}", samples(trial, page))

    status, problem = send(trial, f"{case.id}/check")

    assert (status, problem["missing"]) == (409, "allergy")
    assert not trial.cases.get(case.id).submitted


def test_a_request_is_sent_once_as_of_when_the_citizen_sent_it(trial: Trial) -> None:
    case, pressed = trial.fill(trial.begin()), datetime.now(UTC) - timedelta(days=2)

    for _ in range(2):
        send(trial, f"{case.id}/check", occurred_at=pressed.isoformat())

    sent = [m for m in trial.cases.get(case.id).moments if isinstance(m.service_event, RequestSubmitted)]
    assert [(moment.channel, moment.occurred_at) for moment in sent] == [(Channel.MOBILE, pressed)]


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        ("2026-11-22T11:00:00Z", NOW - timedelta(hours=1)),
        ("2026-11-22T12:04:00+00:00", NOW + timedelta(minutes=4)),
        ("2026-11-22T12:06:00+00:00", NOW),
        ("2026-10-22T12:00:00Z", NOW),
        ("2026-11-22T11:00:00", NOW),
        ("0001-01-01T00:00:00+14:00", NOW),
        ("yesterday", NOW),
        ("", NOW),
    ],
)
def test_the_clock_of_a_telephone_is_believed_within_bounds(told: str, believed: datetime) -> None:
    assert happened_at(told, NOW) == believed


def test_a_case_begun_elsewhere_goes_on_here_with_its_answers(trial: Trial) -> None:
    case = trial.fill(trial.begin(), Channel.COUNTER, pages=2)

    found = trial.browser.post("/fr/m/resume", data={"reference": case.reference.lower()}).json()

    assert found == trial.browser.get(f"/fr/m/case/{case.id}").json()
    assert found["values"]["child"]["born_on"] == "2017-03-27"
    assert (found["answered"], found["submitted"]) == (["family", "child"], False)


def test_a_reference_that_nobody_has_is_said(trial: Trial) -> None:
    answer = trial.browser.post("/fr/m/resume", data={"reference": "AAA-AAA"})

    assert answer.status_code == 404
    assert "AAA-AAA" in answer.json()["message"]


def test_a_language_that_is_not_spoken_is_no_address(trial: Trial) -> None:
    assert trial.browser.get("/de/m").status_code == 404
    assert trial.browser.post(f"/de/m/case/{uuid4()}").status_code == 404
