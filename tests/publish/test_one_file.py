"""A prototype published as one file, on a bare Python: it starts, keeps what it was told, and starts again."""

import http.cookiejar
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labkit.broker import free_port
from labkit.prototype.project import Project
from labkit.prototype.trying import form_of
from labkit.replay.recording_file import read_recording
from tests.running import labkit, processes_of, wait_for

TIMEOUT_S = 60.0

pytestmark = pytest.mark.timeout(240)


class Published:
    """The one file, started as whoever was given it would, with nothing of this environment."""

    def __init__(self, file: Path, python: Path, home: Path) -> None:
        self.file, self.python, self.home = file, python, home
        self.browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), urllib.request.ProxyHandler({})
        )
        self.url = f"http://127.0.0.1:{free_port()}"

    @contextmanager
    def running(self, *options: str) -> Iterator[str]:
        """Start it, give what it said, and press Ctrl-C at the end."""
        said = self.home / "said"
        with said.open("w") as log:
            port = self.url.rpartition(":")[2]
            process = subprocess.Popen(
                [str(self.python), "-I", "-S", str(self.file), "--port", port, *options],
                cwd="/",
                env={"HOME": str(self.home), "PATH": os.defpath},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        try:
            wait_for(lambda: self.get("/health").startswith("{"), TIMEOUT_S, said.read_text)
            yield said.read_text()
            process.send_signal(signal.SIGINT)
            assert process.wait(TIMEOUT_S) == 0, said.read_text()
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(TIMEOUT_S)
        assert not processes_of(self.file.parent), processes_of(self.file.parent)

    def get(self, path: str) -> str:
        with self.browser.open(self.url + path, timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def post(self, path: str, form: dict[str, object]) -> str:
        """Send a form, and return the address that it leads to."""
        sent = urllib.parse.urlencode(form, doseq=True).encode()
        with self.browser.open(self.url + path, sent, timeout=10) as answer:
            return str(answer.url).removeprefix(self.url)


def test_a_bare_python_runs_it_and_finds_the_case_again(project: Path, tmp_path: Path) -> None:
    folder, home, given = tmp_path / "made", tmp_path / "home", tmp_path / "given"
    for place in (home, given):
        place.mkdir()
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("__pycache__"))
    published = labkit("publish", "--project", str(folder), "--output", str(tmp_path / "out"), "--json")
    assert published.returncode == 0, published.stderr
    made = [Path(file["path"]) for file in json.loads(published.stdout)]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == sorted(file.name for file in made)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home / "bare")], check=True)
    shutil.rmtree(folder)
    file = Path(shutil.copy(made[0], given))
    prototype = Published(file, home / "bare/bin/python", home)
    read = Project(project)
    answers = next(iter(read.personas().values())).answers
    page = next(page for page in read.service().pages if page.name == "family")

    with prototype.running("--record", str(given / "trial.jsonl")) as said:
        password = re.search(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}", said)
        assert password, said
        assert "gate" in prototype.browser.open(f"{prototype.url}/fr/desk").url
        assert prototype.post("/fr/gate", {"password": password[0], "to": "/fr"}) == "/fr"
        family = prototype.post("/fr/start", {})
        assert prototype.post(family, form_of(page, answers)).endswith("/child")
    assert [entry.name for entry in read_recording(given / "trial.jsonl").events()][-1] == "family-introduced.v1"

    with prototype.running() as said:
        assert password[0] not in said
        assert "Nadia Larrieu" in prototype.get(family)
