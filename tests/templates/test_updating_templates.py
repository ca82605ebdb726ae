"""Every template from its previous version to this one, in a project that its team renamed, edited and cut."""

import shutil
from pathlib import Path

import pytest

from labkit.scaffold import branch
from labkit.scaffold.answers import ANSWERS_FILE, Answers, read_answers
from labkit.scaffold.kit import version
from labkit.scaffold.update import Plan, Pristine, resume, update
from tests.scaffold.updated_projects import Project, isolate
from tests.templates.baking import NAMES, Bake, files_of

PREVIOUS_KIT = "2025.1.0"
ONCE = "what this line said in the version before\n"
OURS = "what the team wrote\n"
LINES_MIN = 6
WITHOUT_CHECKS = Plan(checks=False)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path / "home")


def chosen(project: Path) -> tuple[str, str, str, str]:
    """A file to rename, one to edit, one to delete, and one where both sides write the same line."""
    long = [name for name in files_of(project) if len((project / name).read_bytes().splitlines()) >= LINES_MIN]
    others = [name for name in long if name not in ("README.md", "pyproject.toml", ANSWERS_FILE.as_posix())]
    return "README.md", *others[:3]  # type: ignore[return-value]  # every template has as many


def insert(file: Path, line: str, *, at: int) -> None:
    lines = file.read_text("utf-8").splitlines(keepends=True)
    lines.insert(at if at >= 0 else len(lines), line)
    file.write_text("".join(lines), "utf-8")


def pristine_now(tree: Path) -> Pristine:
    def rendered(_: Answers, into: Path) -> Path:
        return Path(shutil.copytree(tree, into / "rendered"))

    return rendered


def made_with_the_previous_version(now: Path, folder: Path, changed: tuple[str, ...]) -> Project:
    """A project as it was made when the changed files had one line more, second in each."""
    before = Path(shutil.copytree(now, folder / "before"))
    for name in changed:
        insert(before / name, ONCE, at=1)
    answers = before / ANSWERS_FILE
    answers.write_text(answers.read_text("utf-8").replace(version(), PREVIOUS_KIT), "utf-8")
    project = Path(shutil.copytree(before, folder / "project"))
    branch.start(project, before, "the previous version")
    return Project(project)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost_and_nothing_is_claimed_that_did_not_happen(name: str, bake: Bake, tmp_path: Path) -> None:
    now = tmp_path / "now"
    shutil.copytree(bake(name), now, ignore=shutil.ignore_patterns("__pycache__", ".*_cache", "node_modules"))
    renamed, edited, deleted, disputed = chosen(now)
    project = made_with_the_previous_version(now, tmp_path, (renamed, edited, deleted, disputed))
    project.git("mv", renamed, "OUR-README.md")
    insert(project.folder / edited, OURS, at=-1)
    project.git("rm", "--quiet", deleted)
    project.write(disputed, project.read(disputed).replace(ONCE, OURS))
    project.commit()

    report = update(project.folder, pristine_now(now), kit=version(), plan=WITHOUT_CHECKS)

    assert report.state == "conflicts"
    assert project.read("OUR-README.md") == (now / renamed).read_text("utf-8")
    assert project.read(edited) == (now / edited).read_text("utf-8") + OURS
    assert not project.has(deleted)
    assert "<<<<<<<" in project.read(disputed)
    outcomes = {change.path: change.outcome.value for change in report.files}
    assert set(outcomes) - {ANSWERS_FILE.as_posix()} == {"OUR-README.md", edited, deleted, disputed}

    project.write(disputed, (now / disputed).read_text("utf-8") + OURS)
    project.git("add", disputed)
    assert resume(project.folder, plan=WITHOUT_CHECKS).state == "updated"

    assert read_answers(project.folder / ANSWERS_FILE).kit == version()
    assert project.git("status", "--porcelain") == ""
    assert update(project.folder, pristine_now(now), kit=version(), plan=WITHOUT_CHECKS).state == "nothing-new"
