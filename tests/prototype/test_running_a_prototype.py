"""`labkit run`, as its makers run it: a page at once, a ledger behind it, a new run at each change, one Ctrl-C."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.broker import free_port
from tests.running import labkit, processes_of, wait_for

TIMEOUT_S = 60.0


class RunningPrototype:
    """`labkit run` on a copy of the baked project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / ".collectivilab"
        self.url = f"http://127.0.0.1:{free_port()}"
        command = [
            sys.executable,
            "-m",
            "labkit",
            "run",
            "--no-browser",
            "--json",
            "--port",
            self.url.rpartition(":")[2],
        ]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            # As where an authority's network names a proxy: it is never asked for what is on this machine.
            env=os.environ | {"http_proxy": "http://127.0.0.1:9"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.said = json.loads(self.process.stdout.readline())

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def shows(self, path: str, words: str) -> bool:
        try:
            return words in self.get(path)
        except urllib.error.HTTPError:
            return False

    def post(self, path: str) -> str:
        request = urllib.request.Request(self.url + path, data=b"", method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.url)


@pytest.fixture
def running(project: Path, tmp_path: Path) -> Iterator[RunningPrototype]:
    """The canteen, running; whatever happens, nothing of it is left."""
    folder = tmp_path / "cantine"
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("__pycache__"))
    prototype = RunningPrototype(folder)
    try:
        yield prototype
    finally:
        prototype.process.send_signal(signal.SIGINT)
        prototype.process.wait(TIMEOUT_S)
        assert not processes_of(prototype.data), processes_of(prototype.data)


def test_a_page_is_there_and_an_answer_reaches_the_console(running: RunningPrototype) -> None:
    assert running.said["url"] == running.url
    assert "Cantine scolaire" in running.get("/fr")

    case = running.post("/fr/start").split("/")[-2]

    wait_for((running.data / "run.json").exists, TIMEOUT_S)
    console = json.loads((running.data / "run.json").read_text())["url"]

    def is_told() -> bool:
        with urllib.request.urlopen(f"{console}/views/timeline?case={case}", timeout=10) as answer:
            return len(json.loads(answer.read())["rows"]) == 2

    wait_for(is_told, TIMEOUT_S)


def test_a_word_changed_shows_at_once_and_code_changed_makes_a_new_run(running: RunningPrototype) -> None:
    package = running.folder / "src" / "cantine"
    case = running.post("/fr/start").removeprefix(running.url)

    words = package / "texts" / "fr.toml"
    words.write_text(words.read_text().replace('title = "Le parent"', 'title = "La famille"'))
    assert running.shows(case, "La famille")

    code = package / "service.py"
    code.write_text(code.read_text().replace('Page("family", FamilyIntroduced)', 'Page("parents", FamilyIntroduced)'))

    wait_for(lambda: running.shows(case.replace("/family", "/parents"), "La famille"), TIMEOUT_S)


def test_code_that_does_not_run_is_told_and_waited_for(running: RunningPrototype) -> None:
    code = running.folder / "src" / "cantine" / "rules.py"
    good = code.read_text()
    code.write_text(f"{good}\nthis is no Python\n")
    assert running.process.stdout is not None
    told = ""
    deadline = time.monotonic() + TIMEOUT_S
    while "rules" not in told and "SyntaxError" not in told and time.monotonic() < deadline:
        told += running.process.stdout.readline()

    code.write_text(good)

    wait_for(lambda: running.shows("/fr", "Cantine scolaire"), TIMEOUT_S)


def test_a_recording_that_never_began_leaves_its_name_free(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cantine"
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "src" / "cantine" / "service.py").write_text("this is no Python\n")

    run = labkit("run", "--project", str(folder), "--no-browser", "--record", str(tmp_path / "trial.jsonl"))

    assert "service" in run.stderr
    assert not (tmp_path / "trial.jsonl").exists()


def test_a_folder_without_a_prototype_is_named(tmp_path: Path) -> None:
    run = labkit("run", "--project", str(tmp_path), "--no-browser")

    assert run.returncode == 4
    assert str(tmp_path) in run.stderr
    assert "labkit new" in run.stderr
