"""What a page refuses: an agent's page to a citizen, half a request, more than the ledger keeps."""

import re
import shutil
from pathlib import Path

import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from labkit.prototype.failures import BrokenProject, CannotBeKept
from labkit.prototype.passwords import Passwords
from labkit.prototype.project import Project
from labkit.prototype.trying import Trial, form_of
from ledger.domain.vocabulary import Channel, Direction
from tests.publish.browsing import guarded

TOO_LONG = "é" * 4001


@pytest.mark.parametrize("path", ["/fr/case/{case}/meals", "/fr/m/case/{case}/meals"])
def test_a_page_of_the_desk_is_not_the_citizen_s(trial: Trial, path: str) -> None:
    case, (page,) = trial.begin(), trial.service.desk

    answer = trial.browser.post(path.format(case=case.id), data=form_of(page, trial.samples()))

    assert page.name == "meals"
    assert answer.status_code == 404
    assert trial.cases.get(case.id) == case


def test_a_request_with_a_page_missing_is_not_sent_from_the_desk_either(trial: Trial) -> None:
    case = trial.begin()

    answer = trial.browser.post(f"/fr/desk/case/{case.id}/submit", data={"channel": "counter"})

    assert answer.status_code == 200
    assert trial.cases.get(case.id) == case


def test_what_is_longer_than_the_ledger_keeps_is_refused_in_words_and_nothing_is_recorded(trial: Trial) -> None:
    case = trial.begin()

    with pytest.raises(CannotBeKept):
        trial.cases.contact(case.id, Channel.EMAIL, Direction.OUT, TOO_LONG)
    answer = trial.browser.post(f"/fr/desk/case/{case.id}/write", data={"channel": "post", "message": TOO_LONG})

    assert answer.status_code == 422
    assert "Rien n’a été inscrit" in answer.text
    assert TOO_LONG not in answer.text
    assert trial.cases.get(case.id) == case


def test_what_a_machine_sends_passes_the_gate_to_be_judged_by_its_signature(trial: Trial, tmp_path: Path) -> None:
    with guarded(trial, Passwords(tmp_path, "sésame")) as browser:
        answer = browser.post("/channels/social/posts", json={})

    assert answer.status_code == 401
    assert "webhook-signature" in answer.text


def test_no_handler_is_called_both_in_a_thread_and_on_the_loop(trial: Trial) -> None:
    # Litestar 2.25 wraps a threaded handler again for each method that its path is shared with: it then fails.
    routes = [route for route in trial.browser.app.routes if isinstance(route, HTTPRoute)]
    handlers = [
        handler for route in routes for handler in route.route_handlers if isinstance(handler, HTTPRouteHandler)
    ]

    wrapped = [
        handler.handler_name
        for handler in handlers
        if handler.has_sync_callable and type(handler.fn).__name__ == "AsyncCallable"
    ]

    assert handlers
    assert wrapped == []


def test_the_application_looks_at_a_case_it_may_also_begin(trial: Trial) -> None:
    case = trial.begin()

    assert trial.browser.get(f"/fr/m/case/{case.id}").json()["reference"] == case.reference


@pytest.mark.parametrize("file", ["labkit.toml", "personas.toml", "src/cantine/texts/fr.toml"])
def test_a_file_of_the_project_that_is_not_utf_8_is_named(project: Path, tmp_path: Path, file: str) -> None:
    copy = Path(shutil.copytree(project, tmp_path / "copy"))
    (copy / file).write_bytes(b'title = "\xff"\n')

    with pytest.raises(BrokenProject, match=re.escape(Path(file).name)):
        read = Project(copy)
        read.personas()
        read.texts("fr")
