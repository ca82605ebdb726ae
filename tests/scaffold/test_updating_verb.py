"""What a person or a script meets at `labkit update`: words in both languages, JSON, exit codes."""

import json
from pathlib import Path

import pytest

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.scaffold import branch
from labkit.scaffold.answers import ANSWERS_FILE, Answers, read_answers, write_answers
from labkit.scaffold.changes import Outcome
from labkit.scaffold.kit import version
from labkit.scaffold.render import render
from labkit.verbs.update import FILES, build
from ledger.domain.vocabulary import Language
from tests.scaffold.updated_projects import Project, isolate

EARLIER = "2026.1.0"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path / "home")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of a real template, of a kit whose README had other words and which asked one question more."""
    pristine = render("abonne-python", {"project_name": "Suivi"}, tmp_path)
    readme = pristine / "README.md"
    first, *others = readme.read_text("utf-8").splitlines(keepends=True)
    readme.write_text("".join([f"{first.rstrip()}, as it was\n", *others]), "utf-8")
    answers = read_answers(pristine / ANSWERS_FILE).answers
    write_answers(pristine / ANSWERS_FILE, Answers("abonne-python", EARLIER, {**answers, "colour": "blue"}))
    branch.start(pristine, pristine, f"abonne-python {EARLIER}")
    return Project(pristine)


class Said:
    """What a run wrote, and how it ended."""

    def __init__(self, code: object, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], project: Project) -> "Run":
    return Run(capsys, project)


class Run:
    """Runs `labkit update` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], project: Project) -> None:
        self._capsys, self._project = capsys, project

    def __call__(self, *arguments: str, language: Language = "en") -> Said:
        with pytest.raises(SystemExit) as ended:
            build(Texts(language)).main(["--project", str(self._project.folder), *arguments], prog_name="update")
        out, err = self._capsys.readouterr()
        return Said(ended.value.code, out, err)


def disagree(project: Project) -> None:
    """Let the team change the line that the template changes."""
    _, *others = project.read("README.md").splitlines(keepends=True)
    project.write("README.md", "".join(["# Our title\n", *others]))
    project.commit()


def test_an_update_tells_of_each_file_and_ends_well(run: Run, project: Project) -> None:
    said = run("--no-checks")
    assert (said.code, said.err) == (ExitCode.OK, "")
    assert said.out.splitlines() == [
        f"abonne-python: from the kit {EARLIER} to the kit {version()}.",
        "  updated: .labkit/answers.toml",
        "  updated: README.md",
    ]
    assert ", as it was" not in project.read("README.md")
    assert read_answers(project.folder / ANSWERS_FILE).kit == version()


def test_an_update_in_french(run: Run) -> None:
    said = run("--no-checks", language="fr")
    assert said.out.splitlines()[0] == f"abonne-python : du kit {EARLIER} au kit {version()}."
    assert "mis à jour : README.md" in said.out
    assert run("--no-checks", language="fr").out.startswith("Rien de nouveau")


def test_the_tests_of_the_project_are_run_and_told(run: Run, project: Project) -> None:
    project.write("tests/test_work.py", "def test_it():\n    pass\n")
    project.commit()
    assert "The project’s tests pass" in run().out


def test_failing_tests_are_told_and_all_is_put_back(run: Run, project: Project) -> None:
    project.write("tests/test_work.py", "def test_it():\n    assert not 'reached'\n")
    project.commit()
    before = project.everything()
    said = run()
    assert said.code == ExitCode.FOUND
    assert f"to the kit {version()}, not done" in said.out
    assert "assert not 'reached'" in said.out
    assert "They fail without the update, too" in said.out
    assert said.out.rstrip().endswith("`--no-checks` updates without the tests.")
    assert project.everything() == before


def test_conflicts_are_told_with_what_to_do(run: Run, project: Project) -> None:
    disagree(project)
    before = project.everything()
    said = run("--no-checks")
    assert said.code == ExitCode.CONFLICT
    assert "in conflict, with marks: README.md" in said.out
    assert "labkit update --continue" in said.out
    said = run("--continue")
    assert (said.code, said.out) == (ExitCode.CONFLICT, "")
    assert "Not settled yet: README.md" in said.err
    said = run("--abort")
    assert (said.code, said.out) == (
        ExitCode.OK,
        f"The update is undone: {project.folder} is as it was before.\n",
    )
    assert project.everything() == before


def test_settled_conflicts_go_on(run: Run, project: Project) -> None:
    disagree(project)
    run("--no-checks")
    project.write("README.md", "# Settled\n")
    said = run("--continue", "--no-checks", language="fr")
    assert (said.code, said.err) == (ExitCode.OK, "")
    assert "tranché par vous : README.md" in said.out


def test_a_program_gets_the_whole_report(run: Run, project: Project) -> None:
    disagree(project)
    said = run("--no-checks", "--json")
    told = json.loads(said.out)
    assert said.code == ExitCode.CONFLICT
    assert (told["state"], told["template"], told["kit_before"], told["kit"], told["commit"]) == (
        "conflicts",
        "abonne-python",
        EARLIER,
        version(),
        None,
    )
    assert {"path": "README.md", "outcome": "conflict"} in told["files"]


def test_a_trial_says_that_it_is_one_and_ends_well(run: Run, project: Project) -> None:
    disagree(project)
    said = run("--dry-run")
    assert said.code == ExitCode.OK
    assert said.out.startswith("This is a trial on a copy: nothing was changed here.")
    assert "in conflict, with marks: README.md" in said.out
    assert "--continue" not in said.out


@pytest.mark.parametrize("asked", [("--abort", "--continue"), ("--dry-run", "--abort"), ("--abort", "--no-checks")])
def test_one_thing_at_a_time(run: Run, asked: tuple[str, ...]) -> None:
    assert run(*asked).code == ExitCode.USAGE


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_refusal_says_what_to_do(run: Run, project: Project, language: Language) -> None:
    project.write("README.md", "changed\n")
    said = run(language=language)
    assert (said.code, said.out) == (ExitCode.BAD_INPUT, "")
    assert "git stash" in said.err
    assert "README.md" in said.err


def test_every_outcome_has_its_words() -> None:
    assert set(FILES) == {outcome.value for outcome in Outcome}
