"""Pages that are sent with a file: kept under its digest, told in words, opened from the desk, refused in words."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Response

from labkit.prototype.documents import SIZE_MAX_BYTES, Documents
from labkit.prototype.service import Page
from labkit.prototype.trying import Trial, form_of, prototype
from labkit.scaffold.render import render
from ledger.domain.vocabulary import Channel

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff" + bytes(40)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service that asks for a photo."""
    answers = {"project_slug": "reports", "package_name": "reports", "channels": "web, guichet"}
    return render("service-signalement", answers, tmp_path_factory.mktemp("reports"))


@pytest.fixture
def trial(project: Path) -> Iterator[Trial]:
    """The running prototype, on a ledger of its own."""
    with prototype(project) as running:
        yield running
    for name in [name for name in sys.modules if name.partition(".")[0] == "reports"]:
        del sys.modules[name]


def first(trial: Trial) -> Page:
    return trial.service.pages[0]


def send(trial: Trial, path: str, photo: bytes | None, *, kept: str = "", **changed: str) -> Response:
    """Send the page with a photo as browsers do: an empty part stands for no file, a ticked box for the kept one."""
    data = {**form_of(first(trial), trial.samples()), **({"photo": kept} if kept else {}), **changed}
    name = "photo.png" if photo is not None else ""
    return trial.browser.post(path, data=data, files={"photo": (name, photo or b"", "image/png")})


def photo_of(trial: Trial) -> str | None:
    case = trial.cases.get(trial.cases.entries()[0].case_id)
    described = case.latest(first(trial).event)
    return getattr(described, "photo", None)


def test_a_page_that_asks_for_a_file_says_how_it_is_sent(trial: Trial) -> None:
    case = trial.begin()

    asking = trial.browser.get(f"/fr/case/{case.id}/what").text
    other = trial.browser.get(f"/fr/case/{case.id}/where").text

    assert 'enctype="multipart/form-data"' in asking
    assert "multipart" not in other


def test_a_photo_is_kept_told_in_words_and_opened_from_the_desk(trial: Trial) -> None:
    case = trial.begin()

    answer = send(trial, f"/fr/case/{case.id}/what", PNG)

    digest = photo_of(trial)
    assert answer.url.path.endswith("/where")
    assert digest is not None
    assert Documents(trial.prototype.data).read(digest) == PNG
    checked = trial.browser.get(f"/fr/case/{case.id}/check").text
    assert "Un fichier est joint." in checked
    assert digest not in checked
    desk = trial.browser.get(f"/fr/desk/case/{case.id}").text
    (link,) = set(re.findall(r'href="(/fr/desk/documents/[^"]+)"', desk))
    assert trial.browser.get(link).content == PNG


def test_a_page_without_a_file_keeps_none(trial: Trial) -> None:
    case = trial.begin()

    answer = send(trial, f"/fr/case/{case.id}/what", None)

    assert answer.url.path.endswith("/where")
    assert photo_of(trial) is None


def test_a_photo_stays_as_long_as_its_box_is_ticked(trial: Trial) -> None:
    case = trial.begin()
    send(trial, f"/fr/case/{case.id}/what", PNG)
    digest = photo_of(trial) or ""
    assert f'value="{digest}" checked' in trial.browser.get(f"/fr/case/{case.id}/what").text

    send(trial, f"/fr/case/{case.id}/what", None, kept=digest, description="Autre chose.")
    assert photo_of(trial) == digest

    send(trial, f"/fr/case/{case.id}/what", None)
    assert photo_of(trial) is None


def test_another_photo_takes_the_place_of_the_first(trial: Trial) -> None:
    case = trial.begin()
    send(trial, f"/fr/case/{case.id}/what", PNG)

    send(trial, f"/fr/case/{case.id}/what", JPEG, kept=photo_of(trial) or "")

    assert Documents(trial.prototype.data).read(photo_of(trial) or "") == JPEG


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Ce fichier est vide."),
        (b"<script>alert(1)</script>", "ni un PDF, ni une image"),
        (PNG + bytes(SIZE_MAX_BYTES), "trop lourd"),
    ],
)
def test_what_is_not_taken_is_said_beside_the_question(trial: Trial, content: bytes, words: str) -> None:
    case = trial.begin()
    send(trial, f"/fr/case/{case.id}/what", PNG)
    digest = photo_of(trial) or ""
    version = trial.cases.get(case.id).version

    answer = send(trial, f"/fr/case/{case.id}/what", content, kept=digest)

    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{digest}" checked' in answer.text
    assert trial.cases.get(case.id).version == version


def test_a_photo_is_not_chosen_again_because_another_answer_is_missing(trial: Trial) -> None:
    case = trial.begin()

    answer = send(trial, f"/fr/case/{case.id}/what", PNG, description="")

    assert answer.status_code == 422
    (digest,) = re.findall(r'value="(sha256:[0-9a-f]{64})" checked', answer.text)
    send(trial, f"/fr/case/{case.id}/what", None, kept=digest)
    assert photo_of(trial) == digest


@pytest.mark.parametrize("room", ["case/{case}/page/what?channel=telephone", "counter/case/{case}/page/what"])
def test_an_agent_attaches_what_the_citizen_shows(trial: Trial, room: str) -> None:
    case = trial.begin(Channel.COUNTER)

    answer = send(trial, f"/fr/desk/{room.format(case=case.id)}", PNG)

    assert answer.status_code == 200
    assert Documents(trial.prototype.data).read(photo_of(trial) or "") == PNG


def test_a_request_larger_than_any_document_is_refused_with_a_page(trial: Trial) -> None:
    case = trial.begin()

    answer = send(trial, f"/fr/case/{case.id}/what", bytes(2 * SIZE_MAX_BYTES))

    assert answer.status_code == 413
    assert "trop lourd" in answer.text
    assert trial.cases.get(case.id).version == case.version
