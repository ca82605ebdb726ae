"""`labkit doctor`: what this machine and this project have, and what each thing that is missing stops.

It starts nothing and changes nothing: what is held by another process is only looked at.
"""

import fcntl
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct

from labkit.checks.chromium import find_chromium
from labkit.checks.findings import Finding
from labkit.checks.words import check_words, own_words
from labkit.client import Client
from labkit.failures import LabkitFailure, NothingRunning, PortTaken
from labkit.instance import Instance, find_instance
from labkit.messages import Texts
from labkit.options import PORT as UP_PORT
from labkit.prerequisites import check_port, check_version
from labkit.prototype.failures import NoProject
from labkit.prototype.lab.looks import OWN as THEME
from labkit.prototype.look.contrast import problems_of
from labkit.prototype.look.theme import read_theme
from labkit.prototype.project import Project
from labkit.scaffold import branch
from labkit.scaffold.answers import ANSWERS_FILE, read_answers
from labkit.scaffold.git import git_in, git_of
from labkit.scaffold.kit import is_newer, version
from ledger.settings import Settings

State = Literal["ok", "warn", "bad"]
RUN_PORT = 8400
PYTHON_OLDEST = (3, 11)
DISK_BAD_BYTES, DISK_WARN_BYTES = 200_000_000, 2_000_000_000
GIGABYTE = 1_000_000_000
LAG_MAX = 1_000


class Line(Struct, frozen=True, kw_only=True):
    """One thing that was looked at: its state, what it is, and what to do about it."""

    state: State
    what: str
    mend: str = ""


class Doctor:
    """Looks at a machine and at a project, in one language."""

    def __init__(self, say: Texts, *, folder: Path, data: Path) -> None:
        """Look at a project's folder and at a data directory."""
        self.say, self.folder, self.data = say, folder, data

    def lines(self) -> list[Line]:
        """Look at everything; what cannot be looked at is a line too."""
        looks = (self._python, self._git, self._chromium, self._disk, self._ports, self._project, self._data)
        return [line for look in looks for line in self._told(look)]

    def _told(self, look: Callable[[], Iterator[Line]]) -> list[Line]:
        lines: list[Line] = []
        try:
            lines.extend(look())
        except LabkitFailure as failure:
            lines.append(Line(state="bad", what=failure.message(self.say.language)))
        return lines

    def _python(self) -> Iterator[Line]:
        found = ".".join(map(str, sys.version_info[:3]))
        state: State = "ok" if sys.version_info >= PYTHON_OLDEST else "bad"
        mend = "" if state == "ok" else self.say("doctor.get-python")
        yield Line(state=state, what=self.say("doctor.python", version=found, kit=version()), mend=mend)

    def _git(self) -> Iterator[Line]:
        try:
            found = git_in(Path()).line("version")
        except LabkitFailure as failure:
            yield self._failed("warn", failure, self.say("doctor.get-git"))
        else:
            yield Line(state="ok", what=found)

    def _chromium(self) -> Iterator[Line]:
        found = find_chromium()
        if found:
            yield Line(state="ok", what=self.say("doctor.chromium", path=found))
        else:
            yield Line(state="warn", what=self.say("doctor.no-chromium"), mend=self.say("check.no-browser"))

    def _disk(self) -> Iterator[Line]:
        nearest = next(place for place in (self.data.absolute(), *self.data.absolute().parents) if place.exists())
        free = shutil.disk_usage(nearest).free
        state: State = "bad" if free < DISK_BAD_BYTES else "warn" if free < DISK_WARN_BYTES else "ok"
        mend = "" if state == "ok" else self.say("doctor.make-room")
        what = self.say("doctor.disk", free=f"{free / GIGABYTE:.1f}", place=nearest)
        yield Line(state=state, what=what, mend=mend)

    def _ports(self) -> Iterator[Line]:
        for port, mend in ((RUN_PORT, "doctor.next-port"), (UP_PORT, "doctor.other-port")):
            try:
                check_port(port)
            except PortTaken:
                yield Line(state="warn", what=self.say("doctor.port-taken", port=port), mend=self.say(mend))
            else:
                yield Line(state="ok", what=self.say("doctor.port-free", port=port))

    def _project(self) -> Iterator[Line]:
        try:
            project = Project(self.folder)
        except NoProject as failure:
            yield self._failed("warn", failure, self.say("doctor.get-project"))
            return
        for look in (self._service, self._template, self._words, self._theme):
            yield from self._told(lambda look=look: look(project))  # type: ignore[misc]  # bound for this turn

    def _service(self, project: Project) -> Iterator[Line]:
        service, channels = project.service(), ", ".join(channel.value for channel in project.channels())
        details = {"name": project.name, "pages": len(service.pages), "channels": channels}
        yield Line(state="ok", what=self.say("doctor.project", **details, phase=project.manifest.project.phase))

    def _template(self, project: Project) -> Iterator[Line]:
        answers = read_answers(project.folder / ANSWERS_FILE)
        details = {"template": answers.template, "made_by": answers.kit, "kit": version()}
        if is_newer(answers.kit, version()):
            yield Line(state="bad", what=self.say("doctor.made", **details), mend=self.say("doctor.newer-kit"))
        elif is_newer(version(), answers.kit):
            yield Line(state="warn", what=self.say("doctor.made", **details), mend=self.say("doctor.update"))
        else:
            yield Line(state="ok", what=self.say("doctor.made", **details))
        try:
            found = branch.tip(git_of(project.folder))
        except LabkitFailure as failure:
            yield self._failed("warn", failure, self.say("doctor.no-updates"))
            return
        if found:
            yield Line(state="ok", what=self.say("doctor.branch", name=branch.NAME, commit=found[:7]))
        else:
            what = self.say("doctor.no-branch", name=branch.NAME)
            yield Line(state="warn", what=what, mend=self.say("doctor.update"))

    def _words(self, project: Project) -> Iterator[Line]:
        found = list(check_words(project))
        errors = [finding for finding in found if finding.severity == "error"]
        words = len(own_words(project, project.languages[0]))
        languages = ", ".join(project.languages)
        what = self.say("doctor.words", words=self.say.number(words), languages=languages, missing=len(errors))
        state: State = "bad" if errors else "warn" if found else "ok"
        yield Line(state=state, what=what, mend=self._to_check(found))

    def _theme(self, project: Project) -> Iterator[Line]:
        theme = read_theme(project.folder / THEME)
        problems = len(problems_of(theme))
        what = self.say("doctor.theme", name=theme.name.fr if self.say.language == "fr" else theme.name.en)
        if problems:
            mend = self.say("doctor.check-theme", problems=problems)
            yield Line(state="bad", what=what, mend=mend)
        else:
            yield Line(state="ok", what=what)

    def _data(self) -> Iterator[Line]:
        if not self.data.exists():
            yield Line(state="ok", what=self.say("doctor.no-data", data=self.data))
            return
        check_version(self.data, Settings(data=self.data))
        held = is_held(self.data)
        try:
            instance = find_instance(self.data)
        except NothingRunning:
            if held:
                yield Line(state="warn", what=self.say("doctor.beginning", data=self.data))
            else:
                yield Line(state="ok", what=self.say("doctor.data-free", data=self.data))
            return
        if not held:
            what = self.say("doctor.left-behind", data=self.data, pid=instance.pid)
            yield Line(state="warn", what=what, mend=self.say("doctor.start-again"))
            return
        yield Line(state="ok", what=self._holder(instance))
        yield from self._running(instance)

    def _holder(self, instance: Instance) -> str:
        hours = (datetime.now(UTC) - instance.started_at).total_seconds() / 3600
        details = {"data": self.data, "pid": instance.pid, "url": instance.url}
        return self.say("doctor.data-held", **details, hours=f"{hours:.1f}")

    def _running(self, instance: Instance) -> Iterator[Line]:
        client = Client(instance.url, agent="doctor", language=self.say.language)
        try:
            now = client.status()
        finally:
            client.close()
        number, head = self.say.number, now.ledger.position
        yield Line(state="ok", what=self.say("doctor.ledger", position=number(head)))
        if not now.stream.reachable:
            yield Line(state="bad", what=self.say("doctor.no-stream"), mend=self.say("doctor.start-again"))
            return
        lags = {"stream": now.stream.position, **{view.name: view.position for view in now.views}}
        for name, position in lags.items():
            state: State = "warn" if head - position > LAG_MAX else "ok"
            what = self.say("doctor.lag", name=name, behind=number(max(0, head - position)))
            yield Line(state=state, what=what, mend=self.say("doctor.wait") if state == "warn" else "")
        for view in (view for view in now.views if view.parked):
            what = self.say("doctor.parked", name=view.name, cases=view.parked)
            yield Line(state="bad", what=what, mend=self.say("doctor.rebuild", name=view.name))

    def _to_check(self, found: list[Finding]) -> str:
        return self.say("doctor.check", findings=len(found)) if found else ""

    def _failed(self, state: State, failure: LabkitFailure, mend: str) -> Line:
        return Line(state=state, what=failure.message(self.say.language), mend=mend)


def is_held(data: Path) -> bool:
    """Tell whether a process holds a data directory, without ever holding it for others to see."""
    with suppress(OSError), (data / "lock").open(encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
