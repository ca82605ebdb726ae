"""A real `labkit up`, and the other verbs, run as a person runs them: processes, a port and files of their own."""

import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from labkit.broker import free_port

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
VERB_TIMEOUT_S = 110.0
CATCH_UP_TIMEOUT_S = 60.0
LOOK_EVERY_S = 0.02
OURS = ("COLLECTIVILAB_", "LABKIT_")
LABKIT = (sys.executable, "-c", "from labkit.cli import main; main()")


class Answer(NamedTuple):
    """What an instance answered to one request."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class RunningInstance:
    """`labkit up` on a data directory and a port of its own."""

    def __init__(self, data: Path, *options: str, port: int | None = None, **environment: str) -> None:
        self.data = data
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ended = False
        self._said = data.with_name(f"{data.name}.said")
        command = [*LABKIT, "up", "--empty", "--no-browser", "--data", str(data), "--port", str(self.port), *options]
        with self._said.open("w", encoding="utf-8") as said:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=_environment(environment)
            )

    @property
    def run_file(self) -> Path:
        return self.data / "run.json"

    def run(self) -> dict[str, Any]:
        """What `run.json` says."""
        told: dict[str, Any] = json.loads(self.run_file.read_bytes())
        return told

    def pids(self) -> dict[str, int]:
        """The process of every role."""
        pids: dict[str, int] = self.run()["pids"]
        return pids

    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    def wait_until_ready(self) -> None:
        wait_for(self._answers, START_TIMEOUT_S, self.said)

    def request(
        self, method: str, path: str, body: object = None, *, raw: bytes | None = None, **headers: str
    ) -> Answer:
        """Ask as a browser or a program would; a header is given by its name with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        if content is not None:
            named = {"Content-Type": "application/json", **named}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, content, named)
            response = connection.getresponse()
            return Answer(response.status, response.read())

    def get(self, path: str) -> Answer:
        return self.request("GET", path)

    def post(self, path: str, body: object) -> Answer:
        return self.request("POST", path, body)

    def labkit(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run another verb on the same data."""
        return labkit(*arguments, "--data", str(self.data))

    def wait_until_views_reach(self, position: int) -> None:
        """Return once every view reflects a position of the ledger."""
        wait_for(
            lambda: all(view["position"] >= position for view in self.get("/views").json),
            CATCH_UP_TIMEOUT_S,
            lambda: self.get("/status").text,
        )

    def ledger_position(self) -> int:
        position: int = self.get("/status").json["ledger"]["position"]
        return position

    def reader_url(self) -> str:
        """The address of the embedded NATS server, with the credentials of those who only read."""
        password = json.loads((self.data / "nats" / "credentials.json").read_bytes())["reader"]
        server = urlsplit(self.run()["nats_url"])
        return f"nats://reader:{password}@{server.hostname}:{server.port}"

    def stop(self) -> None:
        """Press Ctrl-C, and check that nothing is left."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(STOP_TIMEOUT_S)
        self.ended = True
        assert code == 0, self.said()
        assert processes_of(self.data) == {}
        assert not self.run_file.exists()

    def kill_everything(self) -> None:
        """End all processes at once, as a power cut would."""
        self.ended = True
        self.process.kill()
        for pid in processes_of(self.data):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        wait_for(lambda: not processes_of(self.data), STOP_TIMEOUT_S)

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"labkit up ended with code {self.process.returncode}: {self.said()}")
        return self.run()["pid"] == self.process.pid and self.get("/status").status == 200


@contextmanager
def running_instance(
    data: Path, *options: str, port: int | None = None, **environment: str
) -> Iterator[RunningInstance]:
    """Start an instance and stop it as a person would; whatever happens, nothing of it is left."""
    instance = RunningInstance(data, *options, port=port, **environment)
    try:
        instance.wait_until_ready()
        yield instance
        if not instance.ended:
            instance.stop()
    finally:
        instance.kill_everything()


def labkit(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a verb to its end."""
    return subprocess.run(
        [*LABKIT, *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=_environment(environment),
        stdin=subprocess.DEVNULL,
        timeout=VERB_TIMEOUT_S,
    )


def processes_of(data: Path) -> dict[int, str]:
    """The processes that work on a data directory, by what their command line or environment says of it."""
    marks = (str(data).encode() + b"\0", str(data).encode() + b"/")
    found = {}
    for home in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command, environment = (home / "cmdline").read_bytes(), (home / "environ").read_bytes()
            if any(mark in command + b"\0" + environment for mark in marks):
                found[int(home.name)] = command.replace(b"\0", b" ").decode()
    found.pop(os.getpid(), None)
    return found


def wait_for(
    happened: Callable[[], bool], timeout_s: float, explanation: Callable[[], str] = lambda: "it never happened"
) -> None:
    """Return once something has happened; a refused connection means «not yet»."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with suppress(OSError, http.client.HTTPException):
            if happened():
                return
        time.sleep(LOOK_EVERY_S)
    raise AssertionError(explanation())


def ledger_events(data: Path) -> list[tuple[int, bytes]]:
    """The position and identifier of every event of the ledger, read from its file."""
    with closing(sqlite3.connect(f"{(data / 'ledger.db').as_uri()}?mode=ro", uri=True)) as database:
        return database.execute("SELECT position, event_id FROM ledger_event ORDER BY position").fetchall()


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(OURS) and name not in ("NATS_URL", "DATABASE_URL")
    }
    return {**inherited, "LABKIT_LANG": "en", **given}
