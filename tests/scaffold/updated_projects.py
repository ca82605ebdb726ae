"""A template of the tests' own in two versions, and a project that a team made of the first one."""

import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from labkit.scaffold import branch
from labkit.scaffold.answers import ANSWERS_FILE, Answers
from labkit.scaffold.changes import FileChange
from labkit.scaffold.update import Plan, Pristine, Report, update

Files = Mapping[str, str | bytes]

OLD_KIT, NEW_KIT = "2026.11.0", "2026.12.0"
WITHOUT_CHECKS = Plan(checks=False)


def page(title: str, **changed: str) -> str:
    """Twenty lines, of which some were changed: `line_3="..."`."""
    lines = [changed.get(f"line_{number}", f"{title}, line {number}") for number in range(1, 21)]
    return "\n".join(lines) + "\n"


OLD: Files = {
    "README.md": page("Cantine"),
    "rules.txt": page("Rules"),
    "letter.txt": page("Letter"),
    "leaflet.txt": page("Leaflet"),
    "form.html": page("Form"),
    "obsolete.txt": page("Obsolete"),
    "untouched.txt": page("Untouched"),
    "test_service.py": "def test_the_rules():\n    assert open('rules.txt').read()\n",
}
NEW: Files = {
    "README.md": page("Cantine", line_2="Cantine, and what is new"),
    "rules.txt": page("Rules", line_2="Rules of 2026"),
    "letter.txt": page("Letter", line_2="Letter of 2026"),
    "leaflet.txt": page("Leaflet", line_2="Leaflet of 2026"),
    "form.html": page("Form", line_10="the template’s field"),
    "untouched.txt": page("Untouched", line_20="Untouched, at last"),
    "test_service.py": OLD["test_service.py"],
    "novelty.txt": page("Novelty"),
}


def recorded(kit: str, **answers: str) -> str:
    """What the answers' file of a project says."""
    given = "".join(f'{name} = "{value}"\n' for name, value in {"project_name": "Cantine", **answers}.items())
    return f'template = "service-cantine"\nkit = "{kit}"\n\n[answers]\n{given}'


def write(folder: Path, files: Files) -> Path:
    """Write files below a folder."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def template(files: Files, kit: str) -> Pristine:
    """What a kit's template gives."""

    def rendered(answers: Answers, into: Path) -> Path:
        whole = {**files, ANSWERS_FILE.as_posix(): recorded(kit, **answers.answers)}
        return write(into / "rendered", whole)

    return rendered


class Project:
    """A folder that git keeps, as its team sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.folder, capture_output=True, check=True)
        return done.stdout.decode()

    def commit(self, message: str = "Our work") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)
        return self.commit_id("HEAD")

    def commit_id(self, name: str) -> str:
        return self.git("rev-parse", name).strip()

    def read(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")

    def write(self, name: str, content: str | bytes) -> None:
        write(self.folder, {name: content})

    def has(self, name: str) -> bool:
        return (self.folder / name).exists()

    def everything(self) -> dict[str, object]:
        """Every byte, right and branch that must be the same once an update is undone."""
        files = {
            str(file.relative_to(self.folder)): (stat.S_IMODE(file.lstat().st_mode), file.read_bytes())
            for file in sorted(self.folder.rglob("*"))
            if file.is_file() and ".git" not in file.relative_to(self.folder).parts
        }
        state = self.git("status", "--porcelain", "--branch", "--untracked-files=all")
        return {"files": files, "branches": self.git("for-each-ref"), "state": state}

    def tracked(self) -> set[str]:
        return set(self.git("ls-files", "-z").split("\0")) - {""}

    def update(self, files: Files = NEW, *, kit: str = NEW_KIT, plan: Plan = WITHOUT_CHECKS) -> Report:
        return update(self.folder, template(files, kit), kit=kit, plan=plan)


def made(folder: Path, files: Files = OLD, kit: str = OLD_KIT) -> Project:
    """Make a project as `labkit new` does."""
    folder.mkdir(parents=True)
    pristine = template(files, kit)(Answers("service-cantine", kit, {}), folder.parent / "pristine")
    write(
        folder, {str(file.relative_to(pristine)): file.read_bytes() for file in pristine.rglob("*") if file.is_file()}
    )
    branch.start(folder, pristine, f"service-cantine {kit}")
    return Project(folder)


def worked_on(project: Project) -> Project:
    """Let a team rename a file, edit one, delete one, and edit where the template will."""
    project.git("mv", "README.md", "LISEZ-MOI.md")
    project.write("rules.txt", page("Rules", line_18="our own rule"))
    project.git("rm", "--quiet", "leaflet.txt")
    project.write("form.html", page("Form", line_10="our field"))
    project.write("ours.txt", "what we added\n")
    project.commit()
    return project


def outcomes(files: tuple[FileChange, ...]) -> dict[str, str]:
    """What a report says of each file, without the answers'."""
    return {change.path: change.outcome.value for change in files if change.path != ANSWERS_FILE.as_posix()}


def isolate(monkeypatch: pytest.MonkeyPatch, home: Path, settings: str = "") -> None:
    """Give git a home of its own, so that no test depends on who runs it."""
    home.mkdir(exist_ok=True)
    for name in [name for name in os.environ if name.startswith("GIT_") or name in ("EMAIL", "XDG_CONFIG_HOME")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (home / ".gitconfig").write_text(settings or "[user]\n\tname = Camille\n\temail = camille@mairie.example\n")
