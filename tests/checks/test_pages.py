"""Every page of a canteen, shown and looked at; what does not show, leads nowhere or cannot be read is found."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from labkit.checks.project import Checked, check_project
from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.check import build
from ledger.domain.vocabulary import Language
from tests.checks.spoiling import SAY, change, codes

Run = Callable[..., tuple[object, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")

    def ran(*arguments: object, language: Language = "en") -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as ended:
            build(Texts(language)).main([str(argument) for argument in arguments], prog_name="check")
        return (ended.value.code, *capsys.readouterr())

    return ran


def errors(checked: Checked) -> list[str]:
    return codes([finding for finding in checked.findings if finding.severity == "error"])


def test_every_page_of_a_canteen_is_looked_at_in_both_languages(project: Path) -> None:
    checked = check_project(project, SAY)

    assert errors(checked) == []
    assert checked.passed
    assert checked.pages == 2 * (1 + 5 + 1 + 2 + 2 + 2 + 2 + 1)


def test_faults_of_pages_are_found_where_they_are(project: Path, package: Path) -> None:
    change(package / "pages/income.html", "<details>", '<details><p><a href="/fr/nowhere">là</a></b>')
    (package / "pages/child.html").write_text('{% extends "page.html" %}{% block before %}{{ nobody }}{% endblock %}')
    change(package / "texts/fr.toml", 'title = "L’enfant"', 'title = "L’enfant <b>"')

    found = {(finding.code, finding.where) for finding in check_project(project, SAY).findings}

    assert {("html", "/fr · income"), ("dead-link", "/fr · income"), ("unshown", "/en · child")} <= found


def test_a_journey_that_the_first_persona_cannot_finish_is_found(project: Path) -> None:
    change(project / "personas.toml", 'school = "les-lauriers"', 'school = "elsewhere"')

    assert "unanswered" in errors(check_project(project, SAY))


def test_colours_that_cannot_be_read_are_found(project: Path) -> None:
    change(project / "theme.toml", 'text = "#15212a"', 'text = "#e5e5e5"')
    assert "contrast" in errors(check_project(project, SAY, pages=False))

    change(project / "theme.toml", 'text = "#e5e5e5"', 'text = "grey"')
    assert errors(check_project(project, SAY, pages=False)) == ["no-theme"]


def test_the_verb_says_what_to_do_and_ends_with_its_code(project: Path, package: Path, run: Run) -> None:
    change(package / "events.py", "    allergy: Health\n", "    allergy: bool\n")
    code, out, _ = run("--project", project, "--no-pages", "--fix-nothing")
    assert code == ExitCode.OK
    assert "warning" in out
    assert "Nothing must be mended" in out

    change(project / "theme.toml", 'text = "#15212a"', 'text = "#e5e5e5"')
    code, out, _ = run("--project", project, "--no-pages", language="fr")
    assert code == ExitCode.FOUND
    assert "erreur" in out
    assert "Écrivez text = " in out


def test_the_verb_answers_programs_and_says_that_there_is_no_browser(project: Path, package: Path, run: Run) -> None:
    change(package / "events.py", "    allergy: Health\n", "    allergy: bool\n")
    code, out, _ = run("--project", project, "--json")
    told = json.loads(out)
    assert (code, told["passed"], told["browser"]) == (ExitCode.OK, True, None)
    assert told["pages"] > 0
    assert {"severity", "code", "where", "what", "mend"} == set(told["findings"][0])

    _, out, _ = run("--project", project)
    assert "No Chromium was found" in out


def test_a_folder_without_a_project_is_said(tmp_path: Path, run: Run) -> None:
    code, _, err = run("--project", tmp_path)

    assert code == ExitCode.BAD_INPUT
    assert "labkit.toml" in err
