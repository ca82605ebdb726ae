"""Subscribers with the credentials of one authority, killed at random: every event once, in order, to the last.

Another authority's events come between, so that positions have gaps. What is right is what the log over HTTP says.
"""

import json
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from labkit.controls import cast, commands
from tests.running import RunningInstance, running_instance, wait_for
from tests.templates.baking import Bake
from tests.templates.subscribers import (
    NODE_MODULES,
    SUBSCRIBERS,
    Told,
    command_of,
    following,
    need,
    queried,
    said,
    send,
    two_commands,
)

SEED = 20_261
ROUNDS, CASES = 3, 6
ALIVE_S = (0.2, 2.2)
PATIENCE_S = 40.0
THEIRS = cast.PAU_BEARN_PYRENEES

# What a subscriber makes of an event is the file that its makers change: here each writes down which event it was.
WITNESS_JS = """
export const noFigures = () => [];
export const fold = (seen, event) => [...seen, Number(event.sequence)];
"""
WITNESS_PYTHON = """
from projections.engine.view import View

SCHEMA = "CREATE TABLE IF NOT EXISTS seen (rank INTEGER PRIMARY KEY, position INTEGER NOT NULL)"
steps_by_activity = None


def project(db, published):
    db.execute("INSERT INTO seen (position) VALUES (?)", (published.position,))


VIEW = View(name="seen", version=1, schema=SCHEMA, project=project)
"""


class Subscriber(NamedTuple):
    """A project, how it is run, what it says, and what it should say once it took the events at some positions."""

    project: Path
    command: list[str]
    told: Told
    expected: Callable[[list[int]], object]


def in_javascript(project: Path) -> object:
    return json.loads((project / "checkpoint.json").read_text("utf-8"))["figures"]


def in_python(project: Path) -> object:
    return queried(project, "SELECT rank, position FROM seen")


def counted(name: str) -> tuple[Told, Callable[[list[int]], object]]:
    told, expected = SUBSCRIBERS[name]
    return told, lambda _: expected(ROUNDS * CASES)


WITNESSES: dict[str, tuple[Told, Callable[[list[int]], object]]] = {
    "abonne-js": (in_javascript, lambda positions: positions),
    "abonne-python": (in_python, lambda positions: list(enumerate(positions, start=1))),
    "abonne-sql": counted("abonne-sql"),
    "vue": counted("vue"),
}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstance]:
    """Two authorities with a service each."""
    theirs = (
        replace(commands.register_authority(), command_id=cast.command_id("theirs"), authority=THEIRS),
        replace(commands.publish_service(), command_id=cast.command_id("their service"), authority=THEIRS),
    )
    with running_instance(tmp_path_factory.mktemp("killed") / "data") as running:
        send(running, [commands.register_authority(), commands.publish_service(), *theirs])
        yield running


@pytest.fixture
def subscribers(bake: Bake, tmp_path: Path) -> list[Subscriber]:
    """One of each kind; two of them write down which events they took, in which order."""
    need(shutil.which("node") and NODE_MODULES.is_dir(), "needs Node.js, and: npm ci --ignore-scripts, in tests/node")
    projects = {name: Path(shutil.copytree(bake(name), tmp_path / name)) for name in WITNESSES}
    (projects["abonne-js"] / "node_modules").symlink_to(NODE_MODULES)
    (projects["abonne-js"] / "src" / "figures.mjs").write_text(WITNESS_JS, encoding="utf-8")
    (view,) = projects["abonne-python"].glob("src/*/work.py")
    view.write_text(WITNESS_PYTHON, encoding="utf-8")
    return [Subscriber(project, command_of(name, project), *WITNESSES[name]) for name, project in projects.items()]


@pytest.fixture
def credentials(instance: RunningInstance, tmp_path: Path) -> Path:
    """What an integrator of one of the authorities was handed."""
    file = tmp_path / "agenda.credentials.json"
    ended = instance.labkit("integrator", "add", "agenda", "--authority", cast.PAU, "--output", str(file))
    assert ended.returncode == 0, ended.stderr
    return file


def granted(instance: RunningInstance, file: Path) -> list[int]:
    """The positions of what was granted, as the log over HTTP tells them."""
    token = json.loads(file.read_bytes())["http"]["token"]
    page = instance.request("GET", "/log?limit=1000", Authorization=f"Bearer {token}").json
    return [int(event["sequence"]) for event in page["events"]]


def test_every_subscriber_with_credentials_takes_every_event_once_in_order_though_killed_at_random(
    instance: RunningInstance, subscribers: list[Subscriber], credentials: Path
) -> None:
    chance = random.Random(SEED)
    for rank in range(ROUNDS):
        with ExitStack() as running:
            processes = follow(running, subscribers, credentials)
            ends = sorted((time.monotonic() + chance.uniform(*ALIVE_S), process) for process in range(len(processes)))
            tell(instance, rank)
            for moment, process in ends:
                time.sleep(max(0.0, moment - time.monotonic()))
                processes[process].kill()

    positions = granted(instance, credentials)
    with ExitStack() as running:
        follow(running, subscribers, credentials)
        for subscriber in subscribers:
            complaints = subscriber.project / "said.txt"
            wait_for(lambda: reached(subscriber, positions), PATIENCE_S, complaints.read_text)  # noqa: B023  # at once

    assert len(positions) < positions[-1]


def follow(running: ExitStack, subscribers: list[Subscriber], file: Path) -> list["subprocess.Popen[bytes]"]:
    access = {"LEDGER_CREDENTIALS": str(file), "NATS_URL": "nats://127.0.0.1:1"}
    return [running.enter_context(following(each.project, each.command, **access)) for each in subscribers]


def tell(instance: RunningInstance, rank: int) -> None:
    """Record some cases of one authority, with as many of the other between."""
    for number in range(rank * CASES, (rank + 1) * CASES):
        ours, theirs = two_commands(number), two_commands(number, THEIRS)
        send(instance, [command for pair in zip(ours, theirs, strict=True) for command in pair])


def reached(subscriber: Subscriber, positions: list[int]) -> bool:
    return said(subscriber.told, subscriber.project) == subscriber.expected(positions)
