"""Before a prototype that has a password: who gets in, where to, and who never does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from labkit.prototype.gate import ADDRESSES_MAX, ATTEMPTS_MAX, WINDOW_S, Attempts, is_invited, is_own
from labkit.prototype.kit_events import TrialPrepared
from labkit.prototype.passwords import Passwords
from labkit.prototype.trials import begin, end, prepare
from labkit.prototype.trying import Trial
from labkit.prototype.visiting import PARTICIPANT
from ledger.domain.identifiers import CaseId
from tests.publish.browsing import guarded

CASE = CaseId("0192f0c1-2345-4678-9abc-def012345678")
OTHER = "1192f0c1-2345-4678-9abc-def012345678"


@pytest.fixture
def browser(trial: Trial, tmp_path: Path) -> Iterator[TestClient[Any]]:
    with guarded(trial, Passwords(tmp_path, "sésame")) as browser:
        browser.follow_redirects = False
        yield browser


@pytest.mark.parametrize("path", ["/", "/fr", "/en/desk", "/_lab", "/_lab/fr/theme", "/fr/nowhere", "/fr/case/x"])
def test_every_page_asks_for_the_password(browser: TestClient[Any], path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == 303
    assert answer.headers["location"].partition("?")[0] in ("/fr/gate", "/en/gate")
    assert browser.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize("path", ["/health", "/theme.css", "/robots.txt", "/fr/gate", "/en/gate"])
def test_what_the_page_itself_needs_is_open(browser: TestClient[Any], path: str) -> None:
    assert browser.get(path).status_code == 200


def test_whoever_knows_it_goes_where_they_were_going(browser: TestClient[Any]) -> None:
    asked = browser.get("/fr/desk?channel=telephone")
    page = browser.get(asked.headers["location"])
    assert 'value="/fr/desk?channel=telephone"' in page.text

    entered = browser.post("/fr/gate", data={"password": "sésame", "to": "/fr/desk?channel=telephone"})

    assert (entered.status_code, entered.headers["location"]) == (303, "/fr/desk?channel=telephone")
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert browser.get("/fr/desk").status_code == 200
    assert browser.get("/_lab/fr").status_code == 200


@pytest.mark.parametrize(
    "to", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:x"]
)
def test_nobody_is_sent_elsewhere(browser: TestClient[Any], to: str) -> None:
    assert browser.post("/fr/gate", data={"password": "sésame", "to": to}).headers["location"] == "/fr"


def test_a_wrong_password_is_told_and_nothing_else(browser: TestClient[Any]) -> None:
    answer = browser.post("/fr/gate", data={"password": "<b>", "to": "/fr"})

    assert answer.status_code == 422
    assert "aria-invalid" in answer.text
    assert "&lt;b&gt;" not in answer.text
    assert "set-cookie" not in answer.headers


def test_after_five_tries_even_the_right_one_waits(browser: TestClient[Any]) -> None:
    wrong = [browser.post("/fr/gate", data={"password": str(n)}).status_code for n in range(ATTEMPTS_MAX)]
    right = browser.post("/en/gate", data={"password": "sésame"})

    assert wrong == [422] * ATTEMPTS_MAX
    assert right.status_code == 429
    assert "Wait for a minute" in right.text


def test_a_form_from_another_site_is_refused(browser: TestClient[Any]) -> None:
    answer = browser.post("/fr/gate", data={"password": "sésame"}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def test_a_form_that_was_being_sent_is_not_sent_without_a_password(browser: TestClient[Any], trial: Trial) -> None:
    assert browser.post("/fr/start").headers["location"] == "/fr/gate"
    assert trial.cases.entries() == []


def test_without_any_password_there_is_no_gate(trial: Trial, tmp_path: Path) -> None:
    with guarded(trial, Passwords(tmp_path)) as browser:
        assert browser.get("/fr/desk").status_code == 200


def test_a_password_made_while_it_runs_counts_at_once_and_taking_the_last_back_opens_nothing(
    trial: Trial, tmp_path: Path
) -> None:
    passwords = Passwords(tmp_path)
    with guarded(trial, passwords, required=True) as browser:
        browser.follow_redirects = False
        assert browser.get("/fr").status_code == 303
        browser.post("/fr/gate", data={"password": passwords.add("Mairie")})
        assert browser.get("/fr").status_code == 200
        passwords.revoke("Mairie")
        assert browser.get("/fr").status_code == 303


def test_a_participant_reaches_their_own_case_and_nothing_else(browser: TestClient[Any], trial: Trial) -> None:
    mine, other = trial.begin(), trial.begin()
    prepared = prepare(trial.cases, mine.id, TrialPrepared(label="P1"))
    taking_part = begin(trial.cases, prepared, "consent")
    browser.cookies.set(PARTICIPANT, str(mine.id))

    assert browser.get(f"/fr/case/{mine.id}/family").status_code == 200
    assert browser.get("/fr").status_code == 200
    for closed in (f"/fr/case/{other.id}/family", f"/fr/desk/case/{mine.id}", f"/_lab/fr/case/{mine.id}", "/fr/desk"):
        assert browser.get(closed).status_code == 303, closed

    end(trial.cases, taking_part)
    assert browser.get(f"/fr/case/{mine.id}/family").status_code == 303


def test_a_case_that_was_prepared_for_nobody_is_no_way_in(browser: TestClient[Any], trial: Trial) -> None:
    case = trial.begin()
    browser.cookies.set(PARTICIPANT, str(case.id))
    assert browser.get(f"/fr/case/{case.id}/family").status_code == 303


def test_an_invitation_is_open_and_only_that() -> None:
    assert is_invited(f"/fr/trial/{CASE}")
    assert is_invited(f"/en/trial/{CASE}/begin")
    assert not is_invited("/fr/trial/")
    assert not is_invited("/fr/trial/desk")
    assert not is_invited(f"/_lab/fr/trial/{CASE}")


@pytest.mark.parametrize(
    ("path", "own"),
    [
        (f"/fr/case/{CASE}/family", True),
        (f"/fr/chat/{CASE}", True),
        (f"/en/m/case/{CASE}", True),
        ("/fr/start", True),
        ("/fr/m/journey.json", True),
        (f"/fr/case/{OTHER}/family", False),
        (f"/fr/case/{CASE}/{OTHER}", False),
        (f"/fr/desk/case/{CASE}", False),
        (f"/_lab/fr/case/{CASE}", False),
        ("/fr/resume", False),
        ("/", False),
    ],
)
def test_what_belongs_to_a_participant(path: str, *, own: bool) -> None:
    assert is_own(path, CASE) is own


def test_search_engines_are_kept_away(browser: TestClient[Any]) -> None:
    assert "Disallow: /" in browser.get("/robots.txt").text
    page = browser.get("/fr/gate")
    assert "noindex" in page.headers["x-robots-tag"]
    assert '<meta name="robots" content="noindex' in page.text


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_tries_are_counted_by_address_for_a_minute() -> None:
    clock = Clock()
    attempts = Attempts(clock)

    assert [attempts.allow("a") for _ in range(ATTEMPTS_MAX + 1)] == [True] * ATTEMPTS_MAX + [False]
    assert attempts.allow("b")
    clock.now = WINDOW_S
    assert attempts.allow("a")


def test_only_so_many_addresses_are_remembered() -> None:
    attempts = Attempts(Clock())
    for rank in range(ADDRESSES_MAX + 5):
        attempts.allow(str(rank))
    assert len(attempts._tries) == ADDRESSES_MAX
