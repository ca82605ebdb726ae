"""The pages to copy from: each works as it is, in both languages, and records nothing."""

import pytest

from labkit.prototype.lab.gallery import PATTERNS, Pattern, patterns
from labkit.prototype.personas import sent_by
from labkit.prototype.project import Persona
from labkit.prototype.questions import questions_of
from labkit.prototype.texts import LANGUAGES, Texts
from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Language


def cases_of(trial: Trial) -> set[str]:
    return {str(entry.case_id) for entry in trial.cases.entries()}


def test_the_gallery_shows_every_pattern_that_there_is() -> None:
    assert set(patterns()) == {folder.name for folder in PATTERNS.iterdir() if (folder / "event.py").is_file()}
    assert len(patterns()) >= 8


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(patterns()))
def test_a_pattern_works_as_it_is(trial: Trial, name: str, language: Language) -> None:
    pattern, before = patterns()[name], cases_of(trial)
    words = Texts(language, pattern.words(language))
    assert trial.browser.get(f"/_lab/{language}/gallery/{name}").status_code == 200
    for page in pattern.pages():
        address = f"/_lab/{language}/gallery/{name}/{page.name}"
        assert questions_of(page.event, words)
        assert sent_by(somebody(pattern), page.event) is not None
        assert trial.browser.get(address).status_code == 200
        assert trial.browser.post(address).status_code in (200, 422)
    assert cases_of(trial) == before


def somebody(pattern: Pattern) -> Persona:
    return Persona(name="", about={}, answers={stem: dict(fields) for stem, fields in pattern.sample().items()})


def test_a_pattern_says_what_is_wrong_and_what_it_would_have_sent(trial: Trial) -> None:
    address = "/_lab/en/gallery/notice/notice"
    wrong, right = trial.browser.post(address), trial.browser.post(address, data={"formula": "day"})
    assert (wrong.status_code, right.status_code) == (422, 200)
    assert "formula-chosen.v1" in right.text


def test_a_condition_is_shown_for_the_package_of_the_project(trial: Trial) -> None:
    page = trial.browser.get("/_lab/en/gallery/condition").text
    assert "from cantine.events import HelpWanted" in page
    assert "when=needs_help" in page


def test_a_sample_is_shown_as_a_persona_s_answers(trial: Trial) -> None:
    page = trial.browser.get("/_lab/en/gallery/condition").text
    assert "[nadia.answers.help-wanted]" in page
    assert "kinds = [" in page


def test_the_patterns_use_each_kind_of_question() -> None:
    texts = {name: Texts("fr", pattern.words("fr")) for name, pattern in patterns().items()}
    asked = {q.kind for name, p in patterns().items() for kind in p.kinds for q in questions_of(kind, texts[name])}
    assert asked >= {
        "text",
        "lines",
        "number",
        "money",
        "date",
        "yes_no",
        "choice",
        "choices",
        "email",
        "phone",
        "file",
    }
