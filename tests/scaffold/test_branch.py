"""The pristine branch of a new project, whoever makes it and whatever their git is set to."""

from pathlib import Path

import pytest

from labkit.scaffold import branch
from labkit.scaffold.git import Git, git_of
from tests.scaffold.updated_projects import NEW, OLD, Project, isolate, made, outcomes, page, worked_on, write

HOSTILE = """
[commit]
    gpgSign = true
[gpg]
    program = /bin/false
[core]
    hooksPath = {hooks}
    quotepath = true
    autocrlf = true
    safecrlf = true
    excludesFile = {ignored}
    editor = /bin/false
    pager = /bin/false
[color]
    ui = always
[diff]
    renames = false
    noprefix = true
    external = /bin/false
[init]
    defaultBranch = trunk
[log]
    showSignature = true
[merge]
    ff = only
    renames = false
    directoryRenames = conflict
    verifySignatures = true
    conflictStyle = diff3
[pull]
    twohead = recursive
[rerere]
    enabled = true
    autoUpdate = true
[status]
    short = true
    branch = true
[user]
    useConfigOnly = true
"""
CASES = [
    NEW,
    {**NEW, "Été à Pau.txt": page("é"), ".gitignore": "*.log\n", "a.log": "left out", "bin/run": "#!/bin/sh\n"},
]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path / "home")


def hostile(tmp_path: Path) -> str:
    """Settings under which a naive script breaks; the hooks refuse everything."""
    for hook in ("pre-commit", "pre-merge-commit", "commit-msg", "reference-transaction", "post-checkout"):
        file = write(tmp_path, {f"hooks/{hook}": "#!/bin/sh\nexit 1\n"}) / "hooks" / hook
        file.chmod(0o755)
    write(tmp_path, {"ignored": "*.txt\n.labkit\n"})
    return HOSTILE.format(hooks=tmp_path / "hooks", ignored=tmp_path / "ignored")


def test_a_new_project_begins_on_main_with_what_the_template_gives(tmp_path: Path) -> None:
    project = made(tmp_path / "un projet")
    assert project.git("branch", "--format=%(refname:short)").split() == ["labkit/template", "main"]
    assert project.commit_id("main") == project.commit_id("labkit/template")
    assert project.git("status", "--porcelain") == ""
    assert project.git("log", "--format=%an <%ae> %s") == "Camille <camille@mairie.example> service-cantine 2026.11.0\n"


def test_what_a_machine_adds_is_on_main_alone(tmp_path: Path) -> None:
    pristine = write(tmp_path / "pristine", {"pyproject.toml": "[project]\n"})
    project = Project(write(tmp_path / "project", {"pyproject.toml": "[project]\n[tool.uv]\n"}))
    branch.start(project.folder, pristine, "service-cantine 2026.11.0")
    assert project.git("show", "labkit/template:pyproject.toml") == "[project]\n"
    assert project.git("show", "main:pyproject.toml") == "[project]\n[tool.uv]\n"
    assert project.commit_id("main^") == project.commit_id("labkit/template")
    assert project.git("status", "--porcelain") == ""


def test_a_project_that_has_a_history_keeps_it(tmp_path: Path) -> None:
    project = Project(write(tmp_path / "project", {"mine.txt": "mine\n"}))
    project.git("init", "--quiet", "-b", "trunk")
    before = project.commit()
    write(project.folder, OLD)
    branch.start(project.folder, write(tmp_path / "pristine", OLD), "service-cantine 2026.11.0")
    assert project.commit_id("trunk^1") == before
    assert project.commit_id("trunk^2") == project.commit_id("labkit/template")
    assert project.git("show", "HEAD:mine.txt") == "mine\n"
    assert "README.md" in project.git("status", "--porcelain")


def test_a_project_inside_another_repository_has_one_of_its_own(tmp_path: Path) -> None:
    outer = Project(write(tmp_path / "outer", {"a.txt": "a\n"}))
    outer.git("init", "--quiet")
    outer.commit()
    project = made(outer.folder / "project")
    assert git_of(project.folder).folder == project.folder
    assert outer.git("branch", "--list", "labkit/template") == ""


def test_who_has_not_told_git_who_they_are_still_has_a_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home", "[core]\n")
    project = made(tmp_path / "project")
    assert project.git("log", "--format=%an <%ae>", "labkit/template") == "labkit <labkit@localhost>\n"
    assert project.update().commit
    assert set(project.git("log", "--format=%an %cn").splitlines()) == {"labkit labkit"}
    assert project.git("config", "--list", "--local").count("user.") == 0


@pytest.mark.parametrize("files", CASES)
def test_the_same_files_give_the_same_tree_whoever_the_user_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]
) -> None:
    tree = write(tmp_path / "tree", files)
    first = made(tmp_path / "first")
    peaceful = branch.snapshot(Git(first.folder), tree)
    isolate(monkeypatch, tmp_path / "home", hostile(tmp_path))
    assert branch.snapshot(Git(first.folder), tree) == peaceful
    held = first.git("ls-tree", "-r", "-z", "--name-only", peaceful).split("\0")
    assert set(held) - {""} == set(files) - {"a.log"}


def test_no_setting_of_the_users_breaks_a_project_or_its_update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate(monkeypatch, tmp_path / "home")
    told = outcomes(worked_on(made(tmp_path / "peaceful")).update().files)
    project = made(tmp_path / "project")
    worked_on(project)
    isolate(monkeypatch, tmp_path / "home", hostile(tmp_path))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "peaceful" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    made(tmp_path / "another")
    assert outcomes(project.update().files) == told
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert "|||||||" in project.read("form.html")
    assert project.commit_id("MERGE_HEAD") == project.commit_id("labkit/template")
