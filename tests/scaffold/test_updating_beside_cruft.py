"""The same four cases with cruft 2.16, the updater that cookiecutter's users know: what each tool says and keeps."""

import shutil
import subprocess
import sys
from copy import copy
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.scaffold.updated_projects import NEW, OLD, Project, isolate, made, outcomes, page, worked_on, write

FOLDER = "{{cookiecutter.slug}}"
CRUFT = (sys.executable, "-m", "cruft")

pytestmark = pytest.mark.skipif(find_spec("cruft") is None, reason="needs cruft, of the group «tests»")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path / "home")


class CruftProject(Project):
    """A project that cruft made of the old template, with the new one committed since."""

    def __init__(self, folder: Path) -> None:
        template = Project(write(folder / "template", {"cookiecutter.json": '{"slug": "project"}'}))
        template.git("init", "--quiet", "-b", "main")
        write(template.folder / FOLDER, OLD)
        template.commit("old")
        cruft(folder, "create", str(template.folder), "--no-input")
        super().__init__(folder / "project")
        self.git("init", "--quiet", "-b", "main")
        self.commit("As made")
        template.git("rm", "--quiet", "-r", FOLDER)
        write(template.folder / FOLDER, NEW)
        self.newest = template.commit("new")


def cruft(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*CRUFT, *arguments],
        cwd=folder,
        capture_output=True,
        check=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


@pytest.fixture(scope="module")
def made_by_cruft(tmp_path_factory: pytest.TempPathFactory) -> CruftProject:
    folder = tmp_path_factory.mktemp("cruft")
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, folder / "home")
        return CruftProject(folder)


@pytest.fixture
def theirs(made_by_cruft: CruftProject, tmp_path: Path) -> CruftProject:
    """A copy of what cruft made; all copies ask the same template what is new."""
    theirs = copy(made_by_cruft)
    theirs.folder = Path(shutil.copytree(made_by_cruft.folder, tmp_path / "cruft"))
    return theirs


@pytest.fixture
def ours(tmp_path: Path) -> Project:
    return made(tmp_path / "labkit" / "project")


def test_a_renamed_file_keeps_the_templates_change_here_and_loses_it_there(theirs: CruftProject, ours: Project) -> None:
    for project in (theirs, ours):
        project.git("mv", "README.md", "LISEZ-MOI.md")
        project.commit()
    said = cruft(theirs.folder, "update", "-y")
    assert "Good work!" in said.stdout
    assert theirs.newest in theirs.read(".cruft.json")
    lost = [file for file in theirs.folder.rglob("*") if ".git" not in file.parts and file.is_file()]
    assert not any(b"what is new" in file.read_bytes() for file in lost)

    assert outcomes(ours.update().files)["LISEZ-MOI.md"] == "renamed"
    assert ours.read("LISEZ-MOI.md") == NEW["README.md"]


def test_an_edited_file_is_merged_by_both(theirs: CruftProject, ours: Project) -> None:
    for project in (theirs, ours):
        project.write("rules.txt", page("Rules", line_18="our own rule"))
        project.commit()
    cruft(theirs.folder, "update", "-y")
    assert outcomes(ours.update().files)["rules.txt"] == "merged"
    assert (
        ours.read("rules.txt")
        == theirs.read("rules.txt")
        == page("Rules", line_2="Rules of 2026", line_18="our own rule")
    )


def test_a_deleted_file_stays_deleted_in_both_and_is_told_only_here(theirs: CruftProject, ours: Project) -> None:
    for project in (theirs, ours):
        project.git("rm", "--quiet", "leaflet.txt")
        project.commit()
    said = cruft(theirs.folder, "update", "-y")
    assert not theirs.has("leaflet.txt")
    assert "leaflet.txt" not in said.stdout + said.stderr
    assert outcomes(ours.update().files)["leaflet.txt"] == "stays-deleted"
    assert not ours.has("leaflet.txt")


def test_a_conflict_is_announced_here_and_called_good_work_there(theirs: CruftProject, ours: Project) -> None:
    for project in (theirs, ours):
        project.write("form.html", page("Form", line_10="our field"))
        project.commit()
    said = cruft(theirs.folder, "update", "-y")
    assert "Good work!" in said.stdout
    assert "<<<<<<<" in theirs.read("form.html")
    assert theirs.newest in theirs.read(".cruft.json")

    report = ours.update()
    assert (report.state, outcomes(report.files)["form.html"]) == ("conflicts", "conflict")
    assert ours.git("show", "HEAD:.labkit/answers.toml").count("2026.11.0") == 1


def test_all_four_at_once_lose_nothing_here(theirs: CruftProject, ours: Project) -> None:
    for project in (theirs, ours):
        worked_on(project)
    cruft(theirs.folder, "update", "-y")
    assert "what is new" not in theirs.read("LISEZ-MOI.md")
    ours.update()
    assert ours.read("LISEZ-MOI.md") == NEW["README.md"]
