"""`labkit conform`: our starters stand every trial, and a subscriber that is wrong in one thing is told of that one."""

import json
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from labkit.conform.line import Faults
from labkit.conform.outcomes import parted
from labkit.conform.story import story
from labkit.exit_codes import ExitCode
from labkit.scaffold.render import render
from tests.running import labkit

ROOT = Path(__file__).parents[2]
NODE_MODULES = ROOT / "tests" / "node" / "node_modules"
ON_TRIAL = shlex.join((sys.executable, str(Path(__file__).with_name("subscriber_on_trial.py"))))
PROBE = "cat state.json"


def tried(subscriber: str, probe: str, *options: str, **environment: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Try a subscriber; return how it ended, and each trial by its name."""
    ended = labkit("conform", "--subscriber", subscriber, "--probe", probe, "--json", *options, **environment)
    assert ended.stdout, ended.stderr
    return ended.returncode, {trial["trial"]: trial for trial in json.loads(ended.stdout)["trials"]}


def failed(subscriber: str, *options: str) -> dict[str, dict[str, Any]]:
    code, trials = tried(subscriber, PROBE, *options)
    found = {name: trial for name, trial in trials.items() if not trial["passed"]}
    assert code == (ExitCode.FOUND if found else ExitCode.OK), trials
    return found


@pytest.mark.parametrize("name", ["abonne-python", "abonne-sql"])
def test_a_starter_in_python_stands_every_trial(name: str, tmp_path: Path) -> None:
    project = render(name, {}, tmp_path)
    (package,) = (folder.name for folder in (project / "src").iterdir() if folder.is_dir())
    run = shlex.join((sys.executable, "-m", package))

    code, trials = tried(run, f"{run} figures", PYTHONPATH=os.pathsep.join((str(project / "src"), str(ROOT))))

    assert code == ExitCode.OK, trials
    assert list(trials) == ["reading", "erasure", "duplicates", "gaps", "restarts", "strangers"]


def test_the_starter_in_javascript_stands_every_trial(tmp_path: Path) -> None:
    if not shutil.which("node") or not NODE_MODULES.is_dir():
        reason = "needs Node.js, and: npm ci --ignore-scripts, in tests/node"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    project = render("abonne-js", {}, tmp_path)
    (project / "node_modules").symlink_to(NODE_MODULES)

    code, trials = tried(shlex.join(("node", str(project / "src" / "main.mjs"))), "cat checkpoint.json")

    assert code == ExitCode.OK, trials


def test_a_small_subscriber_that_is_right_stands_every_trial() -> None:
    assert failed(ON_TRIAL) == {}


@pytest.mark.parametrize(
    ("wrong", "trial", "mend"),
    [
        ("duplicates", "duplicates", "Pass over every message whose position is not greater than"),
        ("gaps", "gaps", "Compare the consumer sequence of each message with the one before"),
        ("position", "restarts", "Write your position and what you make of the events in one transaction"),
    ],
)
def test_a_subscriber_that_counts_wrongly_is_told_what_to_mend(wrong: str, trial: str, mend: str) -> None:
    found = failed(f"{ON_TRIAL} {wrong}", "--trial", trial)

    assert list(found) == [trial]
    assert found[trial]["ending"] == "differs"
    assert "Then it did not say the same as after a quiet reading: " in found[trial]["what"]
    assert found[trial]["mend"].startswith(mend)


def test_a_subscriber_that_dies_of_an_unknown_type_is_told_of_which() -> None:
    found = failed(f"{ON_TRIAL} unknown", "--trial", "strangers")["strangers"]

    assert found["what"].startswith("It was told events that no kit knows yet. It ended by itself each time")
    assert found["what"].endswith("an event of a type unknown today (something-new.v1).")
    assert found["mend"].startswith("Pass over the types, versions, fields and words that you do not know")
    assert found["complaint"].endswith("What is fr.collectivilab.something-new.v1?")


def test_a_subscriber_that_forgets_nobody_is_told_where_it_keeps_whom() -> None:
    found = failed(f"{ON_TRIAL} citizen", "--trial", "strangers")

    assert list(found) == ["erasure"]
    assert story().forgotten[0] in found["erasure"]["what"]
    assert found["erasure"]["what"].endswith("in: --probe, state.json.")


def test_a_subscriber_that_reads_nothing_is_told_so_and_tried_no_further() -> None:
    code, trials = tried("sleep 30", "echo '{\"position\": 0}'", "--patience", "1")

    assert code == ExitCode.FOUND
    assert list(trials) == ["reading"]
    assert "It went no further than position 0" in trials["reading"]["what"]


@pytest.mark.parametrize(
    ("subscriber", "probe", "error"),
    [
        ("no-such-program", "cat state.json", "command-not-started"),
        ("sleep 30", "echo nothing", "probe-unusable"),
        ("sleep 30", "echo '{\"position\": 12}'", "subscriber-not-fresh"),
    ],
)
def test_what_cannot_be_tried_is_said(subscriber: str, probe: str, error: str) -> None:
    ended = labkit("conform", "--subscriber", subscriber, "--probe", probe, "--patience", "1", "--json")

    assert ended.returncode == ExitCode.BAD_INPUT, ended.stderr
    assert json.loads(ended.stderr)["error"] == error


def test_of_two_answers_only_what_differs_is_shown() -> None:
    said = {"position": 9, "opened": {"web": 4, "counter": 2, "post": 1}, "days": [1]}
    expected = {"position": 9, "opened": {"web": 3, "counter": 2}, "days": [1]}

    assert parted(said, expected) == ({"opened": {"web": 4, "post": 1}}, {"opened": {"web": 3, "post": None}})


def test_the_line_loses_a_message_once_and_repeats_another_once() -> None:
    faults = Faults(lost=frozenset({2}), again={3: 1, 4: 4})
    deliveries = [(1, b"one"), (2, b"two"), (3, b"three"), (2, b"two"), (3, b"three"), (4, b"four"), (4, b"four")]

    passed = [faults.passed(position, frame) for position, frame in deliveries]

    assert passed == [[b"one"], [], [b"three", b"one"], [b"two"], [b"three"], [b"four", b"four"], [b"four"]]
    assert faults.delivered == 4


def test_what_is_told_is_the_same_order_each_time_and_strangers_come_last() -> None:
    told = (*story().plain, *story().strange)

    assert [each.message.position for each in told] == list(range(1, len(told) + 1))
    assert [each.strange for each in told if each.strange] == ["type", "version", "field", "word"]
    assert told[-1].granted
    assert any(not each.granted for each in story().plain)
