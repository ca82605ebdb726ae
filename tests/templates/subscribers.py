"""What the tests of subscribers share: cases to tell a ledger, the subscribers, and what each says it counted."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid5

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.domain.commands import LedgerCommand
from ledger.domain.identifiers import CaseId, CommandId, InteractionId, StepId
from ledger.domain.vocabulary import Channel
from tests.running import RunningInstance
from tests.templates.baking import ROOT

NODE_MODULES = ROOT / "tests" / "node" / "node_modules"
CHANNELS = (Channel.COUNTER, Channel.TELEPHONE, Channel.WEB)

Told = Callable[[Path], object]
Expected = Callable[[int], object]


def need(found: object, reason: str) -> None:
    """Skip on a developer's machine what it lacks; in CI nothing may be missing."""
    if not found:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def two_commands(number: int, authority: str = cast.PAU) -> list[LedgerCommand]:
    """A case on one of the channels, and a step of its agent."""
    name = uuid5(cast.CASE, f"{authority} {number}")
    case_id = CaseId(name)
    channel = CHANNELS[number % len(CHANNELS)]
    opened = replace(
        commands.open_case(),
        command_id=CommandId(uuid5(name, "open")),
        case_id=case_id,
        authority=authority,
        interaction_id=InteractionId(uuid5(name, "contact")),
        channel=channel,
        particulars=cast.particulars_of(channel),
    )
    step = replace(
        commands.record_step(), command_id=CommandId(uuid5(name, "step")), case_id=case_id, step_id=StepId(name)
    )
    return [opened, step]


def send(instance: RunningInstance, sent: list[LedgerCommand]) -> None:
    answer = instance.post("/commands", to_builtins(sent))
    assert {result["status"] for result in answer.json["results"]} == {"accepted"}, answer.text
    instance.wait_until_views_reach(answer.json["position"])


@contextmanager
def following(project: Path, command: list[str], **access: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a subscriber until it is killed; what it complains of is kept beside it."""
    paths = os.pathsep.join((str(project / "src"), str(ROOT)))
    environment = os.environ | access | {"PYTHONPATH": paths}
    with (
        (project / "said.txt").open("ab") as said,
        subprocess.Popen(command, cwd=project, env=environment, stderr=said) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def queried(project: Path, sql: str) -> object:
    """Ask the one view of a project, if it is there."""
    (current,) = (project / "data").glob("*/current")
    with closing(sqlite3.connect(current.parent / current.read_text("ascii"))) as database:
        return sorted(database.execute(sql).fetchall())


def in_javascript(project: Path) -> object:
    (counted,) = json.loads((project / "checkpoint.json").read_text("utf-8"))["figures"].values()
    return sorted(counted.items())


def in_python(project: Path) -> object:
    return queried(project, "SELECT sum(steps) FROM work")


def in_sql(project: Path) -> object:
    return queried(project, "SELECT channel, contacts FROM contacts_by_channel")


def in_view(project: Path) -> object:
    return queried(project, "SELECT count(*), sum(here_contacts) FROM cases WHERE here_contacts > 0")


def by_channel(cases: int) -> object:
    return sorted((channel.value, cases // len(CHANNELS)) for channel in CHANNELS)


SUBSCRIBERS: dict[str, tuple[Told, Expected]] = {
    "abonne-js": (in_javascript, by_channel),
    "abonne-python": (in_python, lambda cases: [(cases,)]),
    "abonne-sql": (in_sql, by_channel),
    "vue": (in_view, lambda cases: [(cases // len(CHANNELS), cases // len(CHANNELS))]),
}


def command_of(name: str, project: Path) -> list[str]:
    if name == "abonne-js":
        return ["node", "src/main.mjs"]
    (package,) = (folder.name for folder in (project / "src").iterdir() if folder.is_dir())
    return [sys.executable, "-m", package]


def said(told: Told, project: Path) -> object:
    """What a subscriber has counted so far, if anything."""
    try:
        return told(project)
    except (FileNotFoundError, ValueError, sqlite3.OperationalError):
        return None
