"""`labkit graduate`: the list between a prototype and production, what can be checked by program checked at once.

It judges nothing that a person must settle, and leaves the project's phase alone unless that is asked for.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import tomlkit
from msgspec import Struct

from labkit.checks.chromium import find_chromium
from labkit.checks.overdue import overdue_trials
from labkit.checks.project import Checked, check_project
from labkit.failures import LabkitFailure
from labkit.graduate_tasks import NAMES, PHASES, TASKS, Phase
from labkit.messages import Texts
from labkit.prototype.passwords import PASSWORDS_FILE, VARIABLE, Passwords
from labkit.prototype.project import MANIFEST, Project
from labkit.prototype.trying import prototype
from labkit.scaffold.checks import require_checks, run_checks

State = Literal["done", "open", "unknown", "person"]


class Item(Struct, frozen=True, kw_only=True):
    """One line of the list, in one language."""

    before: Phase
    state: State
    what: str
    why: str
    who: str


class Graduation(Struct, frozen=True, kw_only=True):
    """Where a project stands, and what is between it and production."""

    project: str
    phase: str
    items: tuple[Item, ...]

    def open_until(self, phase: Phase) -> list[Item]:
        """Return what a program found still open for a phase to begin."""
        reached = PHASES[: PHASES.index(phase) + 1]
        return [item for item in self.items if item.state in ("open", "unknown") and item.before in reached]


class Graduate:
    """Goes through the list for one project, in one language."""

    def __init__(self, say: Texts, *, folder: Path, data: Path) -> None:
        """Judge a project, and the data directory that it ran on.

        Raises:
            LabkitFailure: there is no project there, or it cannot be used.
        """
        self.say, self.project, self.data = say, Project(folder), data
        self._service = self.project.service()

    def graduation(self) -> Graduation:
        """Return the whole list: what was checked, then what people must settle, phase by phase."""
        items = [*self._checked(), *self._for_people()]
        return Graduation(
            project=self.project.name,
            phase=self.project.manifest.project.phase,
            items=tuple(sorted(items, key=lambda item: PHASES.index(item.before))),
        )

    def _checked(self) -> Iterator[Item]:
        checked = check_project(self.project.folder, self.say, chromium=find_chromium())
        open_fields = [each for each in checked.findings if each.code == "open-field" and each.severity == "error"]
        yield self._item("experiment", "graduate.check", "graduate.check-why", _done(holds=checked.passed))
        yield self._item("experiment", "graduate.tests", "graduate.tests-why", self._tests())
        yield self._item("experiment", "graduate.sealed", "graduate.sealed-why", _done(holds=not open_fields))
        yield self._item("experiment", "graduate.password", "graduate.password-why", _done(holds=self._has_password()))
        yield self._item("experiment", "graduate.noindex", "graduate.noindex-why", _done(holds=self._is_unlisted()))
        overdue = overdue_trials(self.data, datetime.now(UTC))
        yield self._item("experiment", "graduate.erased", "graduate.erased-why", _done(holds=not overdue))
        yield self._item("experiment", "graduate.kpis", "graduate.kpis-why", _done(holds=bool(self._service.measures)))
        deadline = self.project.manifest.service.answer_days
        yield self._item("construction", "graduate.deadline", "graduate.deadline-why", _done(holds=bool(deadline)))
        axe = _done(holds=_axe_looked(checked)) if checked.browser else "unknown"
        yield self._item("construction", "graduate.axe", "graduate.axe-why", axe)

    def _for_people(self) -> Iterator[Item]:
        say = self.say
        for task in TASKS:
            yield Item(before=task.before, state="person", what=say(task.what), why=say(task.why), who=say(task.who))

    def _item(self, before: Phase, what: str, why: str, state: State) -> Item:
        return Item(before=before, state=state, what=self.say(what), why=self.say(why), who="labkit")

    def _tests(self) -> State:
        try:
            require_checks(self.project.folder)
        except LabkitFailure:
            return "unknown"
        with TemporaryDirectory() as folder:
            return _done(holds=run_checks(self.project.folder, Path(folder) / "log").passed)

    def _has_password(self) -> bool:
        if os.environ.get(VARIABLE):
            return True
        # Asking makes a key where there is no file yet, and nothing is to be made here.
        return (self.data / PASSWORDS_FILE).exists() and bool(Passwords(self.data).entries())

    def _is_unlisted(self) -> bool:
        with prototype(self.project.folder) as trial:
            answer = trial.browser.get(f"/{self.project.languages[0]}")
        return "noindex" in answer.headers.get("X-Robots-Tag", "")


def set_phase(project: Project, phase: Phase) -> None:
    """Write the phase into the project's manifest, whose comments stay."""
    file = project.folder / MANIFEST
    document = tomlkit.parse(file.read_text(encoding="utf-8"))
    document["project"]["phase"] = phase
    file.write_text(tomlkit.dumps(document), encoding="utf-8")


def markdown(graduation: Graduation, say: Texts) -> str:
    """Return the list as a page to be ticked by hand."""
    title, standing = (
        say("graduate.title", project=graduation.project),
        say("graduate.standing", phase=graduation.phase),
    )
    lines = [f"# {title}", "", standing, ""]
    for phase in PHASES[1:]:
        before = say("graduate.before", phase=say(NAMES[phase]))
        lines += [f"## {before}", ""]
        items = [item for item in graduation.items if item.before == phase]
        lines += [f"- [{'x' if item.state == 'done' else ' '}] {_line(item)}" for item in items]
        lines.append("")
    return "\n".join(lines)


def _line(item: Item) -> str:
    return f"**{item.what}** ({item.who}). {item.why}"


def _done(*, holds: bool) -> State:
    return "done" if holds else "open"


def _axe_looked(checked: Checked) -> bool:
    return not any(finding.code in ("axe", "axe-wcag", "not-looked") for finding in checked.findings)
