"""Projects that stand beside a ledger: made by plain cookiecutter too, and exact on a real stream."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cookiecutter.exceptions import FailedHookException
from cookiecutter.main import cookiecutter

from labkit.controls import commands
from labkit.scaffold.catalogue import templates
from labkit.scaffold.kit import version
from tests.running import RunningInstance, running_instance, wait_for
from tests.templates.baking import ROOT, Bake, files_of
from tests.templates.subscribers import (
    CHANNELS,
    NODE_MODULES,
    SUBSCRIBERS,
    Expected,
    Told,
    command_of,
    following,
    need,
    said,
    send,
    two_commands,
)

TEMPLATES = ROOT / "templates"
ALONE = sorted(name for name, template in templates().items() if template.layers is None)
CASES = 60
PATIENCE_S = 60.0


def plain(name: str, folder: Path, **answers: str) -> Path:
    """Bake with cookiecutter alone."""
    places = {"cookiecutters_dir": str(folder / "cookiecutters"), "replay_dir": str(folder / "replay")}
    return Path(
        cookiecutter(
            str(TEMPLATES),
            directory=name,
            no_input=True,
            output_dir=str(folder / "made"),
            extra_context=answers,
            default_config=places,
        )
    )


@pytest.mark.parametrize("name", ALONE)
def test_plain_cookiecutter_makes_the_same_project(name: str, bake: Bake, tmp_path: Path) -> None:
    project, ours = plain(name, tmp_path), bake(name)

    files = [file for file in files_of(ours) if file != ".labkit/answers.toml"]

    assert files_of(project) == files
    assert {file: (project / file).read_bytes() for file in files} == {f: (ours / f).read_bytes() for f in files}


@pytest.mark.parametrize("answer", [("project_slug", "no good"), ("project_slug", "labkit"), ("project_name", 'a "b"')])
@pytest.mark.parametrize("name", ALONE)
def test_a_bad_answer_is_refused_and_leaves_nothing(
    name: str, answer: tuple[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    question, value = answer
    with pytest.raises(FailedHookException):
        plain(name, tmp_path, **{"project_slug": "essai", question: value})

    assert f"{question}, “{value}”: " in capfd.readouterr().err
    assert not list((tmp_path / "made").iterdir())


@pytest.mark.parametrize("name", [name for name in ALONE if name != "abonne-js"])
def test_a_name_that_is_no_package_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(FailedHookException):
        plain(name, tmp_path, package_name="2-abonnés")


@pytest.mark.parametrize("name", ALONE)
def test_a_template_that_stands_alone_is_of_this_kit_and_has_the_hook_of_the_others(name: str) -> None:
    (hook,) = (TEMPLATES / name / "hooks").glob("*.py")

    assert templates()[name].kit == version()
    assert hook.read_bytes() == (TEMPLATES / ALONE[0] / "hooks" / hook.name).read_bytes()


def test_a_project_in_javascript_passes_its_own_tests_and_runs_nothing_at_its_installation(bake: Bake) -> None:
    project = bake("abonne-js")
    package = json.loads((project / "package.json").read_text("utf-8"))
    need(shutil.which("node"), "needs Node.js")

    run = subprocess.run(["node", "--test"], cwd=project, capture_output=True, text=True, check=False, timeout=60)

    assert run.returncode == 0, run.stdout + run.stderr
    assert set(package["scripts"]) == {"start", "test"}
    assert (project / ".npmrc").read_text("utf-8") == "ignore-scripts=true\n"


# What follows needs a real ledger, its stream and its console.


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstance]:
    """An instance with the first half of the cases."""
    with running_instance(tmp_path_factory.mktemp("integrators") / "data") as running:
        send(running, [commands.register_authority(), commands.publish_service()])
        send(running, [command for number in range(CASES // 2) for command in two_commands(number)])
        yield running


def test_every_subscriber_counts_each_event_once_though_it_is_killed(
    instance: RunningInstance, bake: Bake, tmp_path: Path
) -> None:
    projects = {name: Path(shutil.copytree(bake(name), tmp_path / name)) for name in SUBSCRIBERS}
    need(shutil.which("node") and NODE_MODULES.is_dir(), "needs Node.js, and: npm ci --ignore-scripts, in tests/node")
    (projects["abonne-js"] / "node_modules").symlink_to(NODE_MODULES)

    for name, project in projects.items():
        follow_until(SUBSCRIBERS[name], CASES // 2, command_of(name, project), project, instance)
    send(instance, [command for number in range(CASES // 2, CASES) for command in two_commands(number)])
    for name, project in projects.items():
        follow_until(SUBSCRIBERS[name], CASES, command_of(name, project), project, instance)


def follow_until(
    subscriber: tuple[Told, Expected], cases: int, command: list[str], project: Path, instance: RunningInstance
) -> None:
    """Run a subscriber until it says what it should, then kill it."""
    told, expected = subscriber
    with following(project, command, NATS_URL=instance.reader_url()):
        wait_for(lambda: said(told, project) == expected(cases), PATIENCE_S, (project / "said.txt").read_text)


def test_labkit_does_the_verb_of_an_installed_extension(instance: RunningInstance, bake: Bake, tmp_path: Path) -> None:
    project = bake("extension")
    declared = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    ((verb, value),) = declared["entry-points"]["labkit.verbs"].items()
    installed = tmp_path / "canaux-0.1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: canaux\nVersion: 0.1.0\n", encoding="utf-8")
    (installed / "entry_points.txt").write_text(f"[labkit.verbs]\n{verb} = {value}\n", encoding="utf-8")
    paths = os.pathsep.join((str(tmp_path), str(project / "src"), str(ROOT)))

    run = subprocess.run(
        [sys.executable, "-m", "labkit", verb, "--data", str(instance.data), "--json"],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert run.returncode == 0, run.stderr
    assert {share["channel"] for share in json.loads(run.stdout)} == {channel.value for channel in CHANNELS}
