"""What an update refuses before it touches anything, and each refusal says what to do."""

from pathlib import Path

import pytest

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure
from labkit.scaffold.answers import ANSWERS_FILE
from labkit.scaffold.failures import BadAnswersFile
from labkit.scaffold.obstacles import (
    ChecksUnavailable,
    FilesInTheWay,
    GitMissing,
    GitTooOld,
    MergeUnderWay,
    NewerProject,
    NotAProject,
    NotARepository,
    NothingUnderWay,
    NotOnABranch,
    PristineBranchMissing,
    UncommittedChanges,
    UpdateUnderWay,
)
from labkit.scaffold.update import Plan, abort, preview, resume
from tests.scaffold.updated_projects import (
    NEW,
    NEW_KIT,
    OLD,
    OLD_KIT,
    WITHOUT_CHECKS,
    Project,
    isolate,
    made,
    page,
    template,
    worked_on,
)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path / "home")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return made(tmp_path / "project")


def refused(project: Project, failure: type[LabkitFailure], *, kit: str = NEW_KIT) -> str:
    """Check that an update and its trial are refused alike and change nothing; return what is said."""
    before = project.everything()
    with pytest.raises(failure) as said:
        project.update(kit=kit)
    with pytest.raises(failure):
        preview(project.folder, template(NEW, kit), kit=kit)
    assert project.everything() == before
    assert said.value.exit_code == ExitCode.BAD_INPUT
    return str(said.value)


def test_changes_that_are_not_committed(project: Project) -> None:
    project.write("rules.txt", "changed\n")
    assert "(rules.txt)" in refused(project, UncommittedChanges)
    project.git("add", "--all")
    assert "git stash" in refused(project, UncommittedChanges)
    project.git("reset", "--quiet", "--hard")
    project.write("notes.txt", "never added\n")
    assert "(notes.txt)" in refused(project, UncommittedChanges)


def test_files_of_the_users_that_an_update_would_overwrite(project: Project) -> None:
    project.write(".gitignore", "novelty.txt\n")
    project.commit()
    project.write("novelty.txt", "mine, and ignored\n")
    assert "novelty.txt" in refused(project, FilesInTheWay)
    assert project.read("novelty.txt") == "mine, and ignored\n"


def test_a_file_of_the_users_where_the_template_puts_a_folder(project: Project) -> None:
    project.write(".gitignore", "pages\n")
    project.commit()
    project.write("pages", "mine\n")
    before = project.everything()
    with pytest.raises(FilesInTheWay, match="pages"):
        project.update({**NEW, "pages/new.html": "new\n"})
    assert project.everything() == before


def test_ignored_files_that_no_one_changes_are_in_nobodys_way(project: Project) -> None:
    project.write(".gitignore", "notes.txt\n")
    project.commit()
    project.write("notes.txt", "mine\n")
    assert project.update().state == "updated"
    assert project.read("notes.txt") == "mine\n"


def test_a_project_of_a_newer_kit(project: Project) -> None:
    assert OLD_KIT in refused(project, NewerProject, kit="2026.9.3")


def test_an_update_that_has_not_ended(project: Project) -> None:
    worked_on(project).update()
    with pytest.raises(UpdateUnderWay, match="--abort"):
        project.update()
    with pytest.raises(UpdateUnderWay, match="--continue"):
        preview(project.folder, template(NEW, NEW_KIT), kit=NEW_KIT)


def test_a_merge_of_the_users_own_is_neither_mixed_with_nor_undone(project: Project) -> None:
    project.git("switch", "--quiet", "-c", "other")
    project.write("rules.txt", "theirs\n")
    project.commit()
    project.git("switch", "--quiet", "main")
    project.write("letter.txt", "ours\n")
    project.commit()
    project.git("merge", "--quiet", "--no-commit", "other")
    refused(project, MergeUnderWay)
    for ask in (abort, resume):
        with pytest.raises(NothingUnderWay):
            ask(project.folder)
    assert project.commit_id("MERGE_HEAD") == project.commit_id("other")


def test_a_merge_begun_after_an_update_was_abandoned_by_hand(project: Project) -> None:
    worked_on(project).update()
    project.git("merge", "--abort")
    project.git("switch", "--quiet", "-c", "other", "HEAD^")
    project.write("letter.txt", "other\n")
    project.commit()
    project.git("switch", "--quiet", "main")
    project.git("merge", "--quiet", "--no-commit", "other")
    for ask in (abort, resume):
        with pytest.raises(MergeUnderWay):
            ask(project.folder)
    assert project.read("letter.txt") == "other\n"


def test_nothing_to_go_on_with_nor_to_undo(project: Project) -> None:
    for ask in (abort, resume):
        with pytest.raises(NothingUnderWay):
            ask(project.folder)


@pytest.mark.parametrize("place", [("--detach",), ("labkit/template",)])
def test_no_branch_of_the_users(project: Project, place: tuple[str, ...]) -> None:
    project.git("switch", "--quiet", *place)
    refused(project, NotOnABranch)


def test_no_repository(tmp_path: Path, project: Project) -> None:
    with pytest.raises(NotARepository, match="not a git repository"):
        Project(tmp_path).update()


def test_a_repository_that_is_no_project(project: Project) -> None:
    project.git("rm", "--quiet", "-r", ".labkit")
    project.commit()
    refused(project, NotAProject)


def test_answers_that_cannot_be_read(project: Project) -> None:
    project.write(ANSWERS_FILE.as_posix(), "kit = ")
    project.commit()
    refused(project, BadAnswersFile)


def test_no_git(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitMissing, match="install it"):
        project.update()


def test_a_git_that_is_too_old(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "old" / "git"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho git version 2.33.8\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(old.parent))
    with pytest.raises(GitTooOld, match=r"2\.34.*2\.33\.8"):
        project.update()


def test_a_python_without_pytest_cannot_check(project: Project, tmp_path: Path) -> None:
    python = project.folder / ".venv" / "bin" / "python"
    project.write(".gitignore", ".venv\n")
    project.commit()
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    before = project.everything()
    with pytest.raises(ChecksUnavailable, match="uv sync"):
        project.update(plan=Plan())
    assert project.everything() == before


def test_a_pristine_branch_that_was_lost_with_an_older_kit(project: Project) -> None:
    project.git("branch", "--quiet", "-D", "labkit/template")
    assert f"install the kit {OLD_KIT}" in refused(project, PristineBranchMissing)


def test_a_pristine_branch_that_was_lost_is_made_again_by_the_same_kit(project: Project) -> None:
    first = project.commit_id("labkit/template")
    worked_on(project)
    project.git("branch", "--quiet", "-D", "labkit/template")
    head = project.commit_id("HEAD")
    assert project.update(OLD, kit=OLD_KIT).state == "remade"
    assert (project.commit_id("labkit/template"), project.commit_id("HEAD")) == (first, head)
    assert project.update(OLD, kit=OLD_KIT).state == "nothing-new"


def test_a_history_that_was_lost_is_tied_to_a_new_pristine_branch(project: Project) -> None:
    project.git("checkout", "--quiet", "--orphan", "anew")
    project.write("rules.txt", page("Rules", line_18="our own rule"))
    project.commit()
    project.git("branch", "--quiet", "-D", "labkit/template")
    files = project.everything()["files"]
    assert project.update(OLD, kit=OLD_KIT).state == "remade"
    assert project.everything()["files"] == files
    project.update(plan=WITHOUT_CHECKS)
    assert project.read("rules.txt") == page("Rules", line_2="Rules of 2026", line_18="our own rule")


def test_a_colleagues_clone_follows_the_branch_that_was_pushed(project: Project, tmp_path: Path) -> None:
    worked_on(project)
    project.git("clone", "--quiet", str(project.folder), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    assert clone.update().state == "conflicts"
    abort(clone.folder)
    assert clone.update().state == "conflicts"


def test_a_branch_that_a_colleague_moved_on_is_followed(project: Project, tmp_path: Path) -> None:
    project.git("clone", "--quiet", str(project.folder), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    clone.git("branch", "--quiet", "labkit/template", "origin/labkit/template")
    project.update()
    clone.git("pull", "--quiet")
    assert clone.commit_id("labkit/template") != clone.commit_id("origin/labkit/template")
    assert clone.update().state == "nothing-new"
