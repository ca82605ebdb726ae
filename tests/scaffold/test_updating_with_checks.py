"""The project's own tests, its hooks and its processes during an update: they pass, or all is as it was."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labkit.scaffold.checks import run_checks
from labkit.scaffold.obstacles import CommitRefused, UpdateUnderWay
from labkit.scaffold.update import Plan, abort, resume
from tests.scaffold.updated_projects import NEW, NEW_KIT, Project, isolate, made, page, worked_on, write

BREAKING = {**NEW, "rules.txt": ""}
WAIT_S = 30.0
UPDATE = """
import signal
import sys
from pathlib import Path
from tests.scaffold.updated_projects import Plan, Project
signal.signal(signal.SIGINT, signal.default_int_handler)  # A run in the background has it ignored.
Project(Path(sys.argv[1])).update(plan=Plan())
"""


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path / "home")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return made(tmp_path / "projet d’été")


def test_an_update_whose_checks_pass_is_committed(project: Project) -> None:
    report = project.update(plan=Plan())
    assert report.checks
    assert (report.state, report.checks.passed) == ("updated", True)
    assert "1 passed" in report.checks.output
    assert report.checks.command.endswith("-m pytest -q -p no:cacheprovider")
    assert project.git("status", "--porcelain", "--ignored") == ""


def test_an_update_whose_checks_fail_changes_nothing(project: Project) -> None:
    before = project.everything()
    report = project.update(BREAKING, plan=Plan())
    assert report.checks
    assert (report.state, report.checks.passed, report.commit) == ("checks-failed", False, None)
    assert "test_the_rules" in report.checks.output
    assert "test_the_rules" in Path(report.checks.log).read_text("utf-8")
    assert report.passed_without
    assert project.everything() == before
    assert project.update(BREAKING, plan=Plan(checks=False)).state == "updated"


def test_tests_that_failed_already_are_not_laid_on_the_update(project: Project) -> None:
    project.write("test_service.py", "def test_it():\n    assert False\n")
    project.commit()
    report = project.update(plan=Plan())
    assert (report.state, report.passed_without) == ("checks-failed", False)


def test_a_project_without_tests_has_none_that_fail(project: Project) -> None:
    project.git("rm", "--quiet", "test_service.py")
    project.commit()
    assert project.update(plan=Plan()).state == "updated"


def test_settled_conflicts_outlive_checks_that_fail(project: Project) -> None:
    worked_on(project).update(plan=Plan())
    project.write("form.html", page("Form", line_10="both fields"))
    project.write("rules.txt", "")
    for _ in range(2):
        report = resume(project.folder)
        assert report.state == "checks-failed"
        assert project.read("form.html") == page("Form", line_10="both fields")
    project.write("rules.txt", "a rule\n")
    assert resume(project.folder).state == "updated"
    assert project.git("show", "HEAD:rules.txt") == "a rule\n"


def test_a_hook_of_the_users_may_refuse_and_nothing_is_lost(project: Project) -> None:
    before = project.everything()
    hook = (
        write(project.folder, {".git/hooks/pre-commit": "#!/bin/sh\necho not tidy >&2\nexit 1\n"})
        / ".git/hooks/pre-commit"
    )
    hook.chmod(0o755)
    with pytest.raises(CommitRefused, match="not tidy"):
        project.update()
    with pytest.raises(CommitRefused, match="not tidy"):
        resume(project.folder)
    assert project.has("novelty.txt")
    abort(project.folder)
    assert project.everything() == before
    with pytest.raises(CommitRefused):
        project.update()
    hook.write_text("#!/bin/sh\ntouch .git/hook-ran\n", "utf-8")
    assert resume(project.folder).state == "updated"
    assert project.has(".git/hook-ran")


def test_checks_that_never_end_are_ended(project: Project) -> None:
    project.write("test_service.py", "import time\n\ndef test_it():\n    time.sleep(600)\n")
    checks = run_checks(project.folder, project.folder / ".git" / "log", timeout_s=1)
    assert not checks.passed
    assert checks.output.endswith("stopped after 1 s")


def slow(project: Project) -> subprocess.Popen[bytes]:
    """Begin an update in a process of its own, and return once its checks run."""
    started = project.folder / ".git" / "started"
    waiting = (
        f"import pathlib, time\n\ndef test_it():\n    pathlib.Path({str(started)!r}).touch()\n    time.sleep(600)\n"
    )
    project.write("test_service.py", waiting)
    project.commit()
    process = subprocess.Popen([sys.executable, "-c", UPDATE, str(project.folder)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + WAIT_S
    while not started.exists():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    return process


def test_ctrl_c_puts_everything_back(project: Project) -> None:
    process = slow(project)
    process.send_signal(signal.SIGINT)
    process.wait(WAIT_S)
    assert project.git("status", "--porcelain") == ""
    assert project.git("for-each-ref", "refs/labkit") == ""
    assert not project.has("novelty.txt")


def test_an_update_that_was_killed_is_recognised_and_can_be_undone(project: Project) -> None:
    pristine = project.commit_id("labkit/template")
    process = slow(project)
    process.kill()
    process.wait()
    assert project.has("novelty.txt")
    with pytest.raises(UpdateUnderWay):
        project.update()
    abort(project.folder)
    assert project.git("status", "--porcelain") == ""
    assert project.commit_id("labkit/template") == pristine
    assert not project.has("novelty.txt")
    end_of(project)


def test_an_update_that_was_killed_can_go_on(project: Project) -> None:
    process = slow(project)
    process.kill()
    process.wait()
    report = resume(project.folder, plan=Plan(checks=False))
    assert (report.state, report.kit) == ("updated", NEW_KIT)
    assert project.has("novelty.txt")
    end_of(project)


def end_of(project: Project) -> None:
    """End the checks that outlived the process that was killed."""
    for home in Path("/proc").glob("[0-9]*"):
        try:
            runs_there = (home / "cwd").resolve() == project.folder.resolve()
        except OSError:
            continue
        if runs_there:
            os.kill(int(home.name), signal.SIGKILL)
