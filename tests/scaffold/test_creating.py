"""`labkit new` gives a whole project or nothing, and says what to do next."""

import json
import shutil
import subprocess
import tomllib
from functools import partial
from pathlib import Path

import pytest

from labkit.cli import main
from labkit.exit_codes import ExitCode
from labkit.scaffold import kit
from labkit.scaffold.answers import Answers, read_answers, write_answers
from labkit.scaffold.create import create, keeping
from labkit.scaffold.failures import CreationFailed, FolderTaken, RenderingFailed
from labkit.scaffold.kit import point_to_kit
from labkit.scaffold.render import render
from tests.scaffold.making import labkit, small_templates, tree

ROOT = Path(__file__).parents[2]
NOTHING = Answers("base", "2026.11.0", {"project_slug": "essai"})
settle = partial(point_to_kit, kit=None)


class Said:
    """What a run of `labkit` wrote, and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


class Run:
    """Runs `labkit` in this process, in a folder of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Said:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = self._capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("LABKIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], here: Path) -> Run:
    return Run(capsys)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files of this test alone."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def git(project: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=project, capture_output=True, check=True, encoding="utf-8", timeout=30
    ).stdout


def test_a_project_is_made_and_the_next_commands_are_told(run: Run, here: Path) -> None:
    said = run("new", "base", "project_name=Mon essai", "--lang", "fr")

    assert (said.code, said.err) == (ExitCode.OK, "")
    assert said.out.splitlines()[-4:] == ["Ensuite :", "  cd mon-essai", "  labkit run", "  pytest"]
    assert (here / "mon-essai" / ".labkit" / "answers.toml").exists()
    assert [path.name for path in here.iterdir()] == ["mon-essai"]


def test_a_program_is_told_what_was_made(run: Run, here: Path) -> None:
    made = json.loads(run("new", "base", "project_slug=essai", "--json", "--output", "a/b").out)

    assert {name: made[name] for name in ("project", "template", "kit", "git")} == {
        "project": "a/b/essai",
        "template": "base",
        "kit": kit.version(),
        "git": True,
    }
    assert {file["path"]: file["size_bytes"] for file in made["files"]} == {
        path: len(content) for path, content in tree(here / "a" / "b" / "essai").items()
    }


def test_git_keeps_the_pristine_tree_apart_from_what_this_machine_needs(run: Run, here: Path) -> None:
    run("new", "base", "project_slug=essai")

    project = here / "essai"
    assert git(project, "status", "--porcelain") == ""
    assert git(project, "branch", "--show-current").strip() == "main"
    assert git(project, "diff", "--name-only", "labkit/template", "main").split() == ["pyproject.toml"]


def test_a_template_without_layers_is_served_too(run: Run, here: Path) -> None:
    said = run("new", "abonne-python", "project_name=Mon suivi", "--no-git")

    assert said.code == ExitCode.OK, said.err
    assert "labkit run" not in said.out
    assert read_answers(here / "mon-suivi" / ".labkit" / "answers.toml").answers["package_name"] == "mon_suivi"


def test_a_project_finds_the_kit_that_made_it(run: Run, here: Path) -> None:
    run("new", "base", "project_slug=essai", "--no-git")

    pyproject = (here / "essai" / "pyproject.toml").read_text(encoding="utf-8")
    assert tomllib.loads(pyproject)["tool"]["uv"]["sources"]["collectivilab"] == {"path": str(ROOT), "editable": True}


def test_without_source_a_project_says_nothing_of_this_machine(run: Run, here: Path) -> None:
    run("new", "base", "project_slug=essai", "--no-git", "--no-source")

    assert not [name for name, content in tree(here).items() if str(ROOT).encode() in content]


def test_a_project_of_a_wheel_finds_the_wheel(tmp_path: Path) -> None:
    project = render("service-y", {}, tmp_path, root=small_templates(tmp_path))
    before = (project / "pyproject.toml").read_text(encoding="utf-8")

    point_to_kit(project, kit=tmp_path / "collectivilab-2026.11.0-py3-none-any.whl")

    after = (project / "pyproject.toml").read_text(encoding="utf-8")
    assert after.startswith(before)
    assert tomllib.loads(after)["tool"]["uv"]["sources"]["collectivilab"] == {
        "path": str(tmp_path / "collectivilab-2026.11.0-py3-none-any.whl")
    }


@pytest.mark.parametrize(
    ("url", "found"), [("file://{here}/kit%201.whl", "kit 1.whl"), ("https://k.example/1.whl", "")]
)
def test_an_installed_kit_is_found_where_it_was_installed_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, found: str
) -> None:
    installed = tmp_path / "collectivilab-1.dist-info"
    installed.mkdir()
    (tmp_path / "kit 1.whl").touch()
    (installed / "METADATA").write_text("Name: collectivilab\nVersion: 1\n", encoding="utf-8")
    (installed / "direct_url.json").write_text(json.dumps({"url": url.format(here=tmp_path)}), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(kit, "_checkout", lambda: None)

    assert kit.source() == (tmp_path / found if found else None)


def test_a_published_kit_needs_no_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "collectivilab-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Name: collectivilab\nVersion: 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(kit, "_checkout", lambda: None)

    assert kit.source() is None


def test_without_git_a_project_is_made_and_it_is_said(
    run: Run, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    said = run("new", "base", "project_slug=essai")

    assert said.code == ExitCode.OK
    assert "git is not installed: the project is whole, but `labkit update` will need it." in said.out
    assert not (here / "essai" / ".git").exists()
    assert "git is not installed" not in run("new", "base", "project_slug=autre", "--no-git").out


def test_a_dry_run_shows_the_files_with_their_sizes_and_writes_nothing(run: Run, here: Path) -> None:
    shown = run("new", "base", "project_slug=essai", "package_name=essai", "--dry-run", "--lang", "fr").out

    assert shown.splitlines()[0] == "essai/"
    assert "__init__.py" in shown
    assert " o" in next(line for line in shown.splitlines() if "README.md" in line)
    assert "\x1b" not in shown
    assert list(here.iterdir()) == []


def test_a_dry_run_with_a_difference_prints_what_a_patch_would_be(run: Run, here: Path) -> None:
    shown = run("new", "base", "project_slug=essai", "--dry-run", "--diff").out

    assert "--- /dev/null\n+++ b/README.md\n" in shown
    assert list(here.iterdir()) == []


def test_a_difference_with_a_project_that_is_there_shows_only_what_changes(run: Run, here: Path) -> None:
    run("new", "base", "project_slug=essai", "--no-git")
    assert run("new", "base", "project_slug=essai", "--diff").out.strip() == "essai would not change."
    (here / "essai" / "README.md").write_text("mine\n", encoding="utf-8")

    shown = json.loads(run("new", "base", "project_slug=essai", "--diff", "--json").out)["diff"]

    assert shown.startswith("--- a/README.md\n+++ b/README.md\n@@")
    assert "-mine\n" in shown
    assert shown.count("+++ ") == 1


def test_a_difference_takes_a_folder_for_no_file(run: Run, here: Path) -> None:
    (here / "essai" / "README.md").mkdir(parents=True)

    said = run("new", "base", "project_slug=essai", "--diff")

    assert said.code == ExitCode.OK
    assert "--- /dev/null\n+++ b/README.md" in said.out


def test_answers_come_from_a_file_and_from_the_command_line(run: Run, here: Path) -> None:
    write_answers(here / "r.toml", Answers("base", "2026.11.0", {"project_name": "Un", "authority_name": "Ville d’Aÿ"}))

    said = run("new", "--answers", "r.toml", "project_name=Deux", "--no-git")

    assert said.code == ExitCode.OK, said.err
    assert read_answers(here / "deux" / ".labkit" / "answers.toml").answers["authority_name"] == "Ville d’Aÿ"


def test_a_project_can_be_made_again_from_what_it_keeps(run: Run, here: Path) -> None:
    run("new", "base", "project_slug=essai", "--no-git")

    run("new", "--answers", "essai/.labkit/answers.toml", "--output", "copie", "--no-git")

    assert tree(here / "copie" / "essai") == tree(here / "essai")


@pytest.mark.parametrize(
    ("arguments", "code", "said_so"),
    [
        (("cantin",), ExitCode.USAGE, "There is no template cantin. Try: service-cantine."),
        ((), ExitCode.USAGE, "Name a template"),
        (("base", "autre"), ExitCode.USAGE, "One template at a time"),
        (("base", "package_name=2a"), ExitCode.BAD_INPUT, "“2a” cannot answer package_name"),
        (("base", "channels=pigeon"), ExitCode.BAD_INPUT, "channels are"),
        (("base", "couleur=bleu"), ExitCode.BAD_INPUT, "base does not ask couleur. It asks: project_name,"),
        (("--answers", "absent.toml"), ExitCode.BAD_INPUT, "absent.toml cannot be read"),
        (("--answers", "bad.toml"), ExitCode.BAD_INPUT, "bad.toml does not hold answers"),
        (("--answers", "other.toml"), ExitCode.BAD_INPUT, "other.toml does not hold answers"),
        (("base", "project_slug=pris"), ExitCode.BAD_INPUT, "pris is there already and is not empty"),
        (("base", "--output", "/proc"), ExitCode.STORAGE, "Nothing can be written in /proc"),
        (
            ("base", "project_slug=essai", "--output", "bad.toml/a"),
            ExitCode.STORAGE,
            "Nothing can be written in bad.toml/a",
        ),
        (("base", f"project_slug={'a' * 300}", "service_code=a"), ExitCode.STORAGE, "File name too long"),
        (("base", "--output", "a" * 300), ExitCode.STORAGE, "File name too long"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_leaves_nothing(
    run: Run, here: Path, arguments: tuple[str, ...], code: ExitCode, said_so: str
) -> None:
    (here / "bad.toml").write_text("[answers\n", encoding="utf-8")
    (here / "other.toml").write_text(
        'template = "base"\nkit = "1"\n[answers]\nauthority = 216404459\n', encoding="utf-8"
    )
    (here / "pris").mkdir()
    (here / "pris" / "lettre.txt").touch()
    before = tree(here)

    said = run("new", *arguments)

    assert (said.code, said.out) == (code, "")
    assert said_so in " ".join(said.err.split())
    assert tree(here) == before


def test_a_failure_is_json_for_programs(run: Run) -> None:
    told = json.loads(run("new", "base", "authority=1", "--json", "--lang", "fr").err)

    assert told["error"] == "bad-answer"
    assert "neuf chiffres" in told["message"]


def test_an_empty_folder_is_no_obstacle(run: Run, here: Path) -> None:
    (here / "essai").mkdir()

    assert run("new", "base", "project_slug=essai").code == ExitCode.OK


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, RenderingFailed(template="base", reason="a mistake")])
def test_what_stops_a_project_leaves_nothing_of_it(here: Path, elsewhere: Path, stopped: BaseException) -> None:
    def make(folder: Path) -> Path:
        (folder / "essai" / "src").mkdir(parents=True)
        (folder / "essai" / "src" / "half.py").write_text("half", encoding="utf-8")
        raise stopped

    with pytest.raises((KeyboardInterrupt, RenderingFailed)):
        create(make, here / "new" / "essai", settle=settle, commit=None)

    assert [*here.rglob("*"), *elsewhere.rglob("*")] == []


def test_a_first_commit_that_fails_leaves_nothing(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "git"
    broken.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    root = small_templates(tmp_path)

    with pytest.raises(Exception, match="git"):
        create(partial(render, "base", {}, root=root), here / "new" / "essai", settle=settle, commit="First")

    assert list(here.iterdir()) == []


def test_a_failure_names_the_file_that_keeps_the_answers(here: Path) -> None:
    with pytest.raises(CreationFailed) as failed, keeping(NOTHING, here):
        raise RenderingFailed(template="base", reason="a mistake")

    kept = here / ".labkit-answers-base.toml"
    assert read_answers(kept) == NOTHING
    assert f"--answers {kept}" in failed.value.message("en")
    assert "a mistake" in failed.value.message("fr")


def test_the_answers_are_kept_above_where_the_folder_does_not_exist_yet(here: Path) -> None:
    with pytest.raises(CreationFailed) as failed, keeping(NOTHING, here / "none"):
        raise FolderTaken(folder="essai")

    assert failed.value.exit_code == ExitCode.BAD_INPUT
    assert failed.value.file == here / ".labkit-answers-base.toml"
    assert failed.value.file.exists()


@pytest.mark.parametrize("stopped", [None, KeyboardInterrupt])
def test_the_answers_are_not_kept_after_success_or_an_interruption(
    here: Path, stopped: type[BaseException] | None
) -> None:
    try:
        with keeping(NOTHING, here):
            assert list(here.iterdir()) != []
            if stopped:
                raise stopped
    except KeyboardInterrupt:
        pass

    assert list(here.iterdir()) == []


def test_a_project_of_the_command_line_leaves_no_trace_in_the_home_directory(tmp_path: Path) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()

    ended = labkit("new", "base", "project_slug=essai", "--no-input", home=home, cwd=work)

    assert ended.returncode == 0, ended.stderr
    assert list(home.iterdir()) == []
    assert [path.name for path in work.iterdir()] == ["essai"]


def test_two_machines_make_the_same_project(tmp_path: Path) -> None:
    made = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        labkit("new", "base", "--no-input", "--no-source", "--no-git", home=folder, cwd=folder)
        made.append(tree(folder))
        shutil.rmtree(folder)

    assert made[0] == made[1] != {}
