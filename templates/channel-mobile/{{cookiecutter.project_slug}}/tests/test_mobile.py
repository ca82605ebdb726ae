"""The mobile application as the server sees it: what is kept on a telephone arrives later, and once."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from labkit.prototype import Page
from labkit.prototype.trying import Trial, form_of
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel


def send(
    trial: Trial, path: str, form: dict[str, Any] | None = None, **told: str
) -> tuple[int, dict[str, Any]]:
    """Send one command as a telephone does, and return the status and what it is told."""
    command = {"command_id": str(uuid4()), "occurred_at": datetime.now(UTC).isoformat(), **told}
    answer = trial.browser.post(f"/fr/m/case/{path}", params=command, data=form or {})
    return answer.status_code, answer.json()


def next_page(trial: Trial, state: dict[str, Any]) -> Page | None:
    """Return the page that is asked next, from what the telephone was told."""
    open_pages = [page for page in trial.service.pages if page.name in state["asked"]]
    return next((page for page in open_pages if page.name not in state["answered"]), None)


def test_the_whole_journey_is_given_for_where_there_is_no_network(trial: Trial) -> None:
    journey = trial.browser.get("/fr/m/journey.json").json()

    assert [page["name"] for page in journey["pages"]] == [page.name for page in trial.service.pages]


def test_a_telephone_goes_from_its_own_case_to_the_last_page(trial: Trial) -> None:
    case_id, batch = uuid4(), str(uuid4())
    _, state = send(trial, str(case_id), batch=batch)

    while page := next_page(trial, state):
        _, state = send(trial, f"{case_id}/{page.name}", form_of(page, trial.samples()))
    _, state = send(trial, f"{case_id}/check")

    assert state["submitted"]
    assert trial.cases.get(CaseId(case_id)).channels == (Channel.MOBILE,)


def test_what_is_sent_twice_is_recorded_once(trial: Trial) -> None:
    page, case, command_id = trial.service.pages[0], trial.begin(), str(uuid4())

    for _ in range(2):
        send(trial, f"{case.id}/{page.name}", form_of(page, trial.samples()), command_id=command_id)

    assert len(trial.cases.get(case.id).every(page.event)) == 1


def test_a_wrong_answer_comes_back_in_words_and_nothing_is_recorded(trial: Trial) -> None:
    case = trial.begin()

    status, problem = send(trial, f"{case.id}/{trial.service.pages[0].name}")

    assert status == 422
    assert problem["errors"]
    assert trial.cases.get(case.id).version == case.version
