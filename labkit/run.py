"""`labkit run`: a prototype beside its ledger, started again when its code changes; one Ctrl-C stops both.

The ledger is `labkit up` in a process of its own, unless one already runs on the data directory.
"""

import signal
import sys
import threading
import time
import webbrowser
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import msgspec
from msgspec import Struct
from rich.console import Console
from watchfiles import Change, watch

from labkit.broker import LOOPBACK, free_port
from labkit.exit_codes import ExitCode
from labkit.failures import NothingRunning, PortTaken, RoleFailed
from labkit.instance import find_instance
from labkit.messages import Texts
from labkit.prerequisites import check_port, hold
from labkit.prototype.passwords import check_listening
from labkit.prototype.project import Project
from labkit.replay.recording_file import begin_recording, drop_empty
from labkit.roles import Role, RunningRole
from ledger.domain.vocabulary import Language

PORT = 8400
PORTS_TRIED = 50
READY_TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.05
WATCH_EVERY_MS = 500


class RunOptions(Struct, frozen=True, kw_only=True):
    """How to run a prototype: its folder, its ledger, its port, who may reach it, whether it is recorded."""

    folder: Path
    data: Path
    port: int | None = None
    browser: bool = True
    json: bool = False
    listen: str = LOOPBACK
    record: Path | None = None
    language: Language = "en"


class Started(Struct, frozen=True, kw_only=True):
    """Where everything answers."""

    url: str
    lab: str
    data: str


def run(options: RunOptions) -> ExitCode:
    """Start the ledger and the prototype, and stay until interrupted.

    Raises:
        LabkitFailure: the project is broken, the port is taken, or a process cannot do its work.
    """
    project = Project(options.folder)
    check_listening(options.data, options.listen)
    port = options.port or _port_from(PORT)
    check_port(port)
    stop = _stop_signal()
    home = options.data / "prototypes" / project.manifest.project.package
    with ExitStack() as stack:
        stack.enter_context(hold(home))
        if options.record:
            begin_recording(options.record)
            stack.callback(drop_empty, options.record)
        roles = [_prototype(project, options, port)]
        if not _runs(options.data):
            roles.append(_ledger(options))
        running: list[RunningRole] = []
        stack.callback(_stop_all, running)
        for role in roles:
            running.append(RunningRole(role, home))  # noqa: PERF401  # those started are stopped if one cannot be
        url = f"http://{_host(options.listen)}:{port}"
        if _wait_until_ready(url, running, stop):
            _welcome(options, Started(url=url, lab=f"{url}/_lab", data=str(options.data)))
            _watch_over(project, running, stop, Texts(options.language))
    return ExitCode.OK


def _runs(data: Path) -> bool:
    with suppress(NothingRunning):
        return _answers(f"{find_instance(data).url}/status")
    return False


def _ledger(options: RunOptions) -> Role:
    up = ["-m", "labkit", "up", "--empty", "--no-browser", "--data", str(options.data), "--port", str(free_port())]
    return Role(name="ledger", command=[sys.executable, *up], environment={})


def _prototype(project: Project, options: RunOptions, port: int) -> Role:
    environment = {
        "COLLECTIVILAB_DATA": str(options.data),
        "COLLECTIVILAB_PORT": str(port),
        "LABKIT_LISTEN": options.listen,
        "LABKIT_RECORD": str(options.record.absolute()) if options.record else "",
    }
    command = [sys.executable, "-m", "labkit.prototype", str(project.folder)]
    return Role(name="prototype", command=command, environment=environment)


def _stop_all(running: list[RunningRole]) -> None:
    for role in running:
        role.stop()


def _port_from(first: int) -> int:
    for port in range(first, first + PORTS_TRIED):
        with suppress(PortTaken):
            check_port(port)
            return port
    raise PortTaken(port=first)


def _stop_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _wait_until_ready(url: str, running: list[RunningRole], stop: threading.Event) -> bool:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not stop.is_set():
        if _answers(f"{url}/health"):
            return True
        ended = next((role for role in running if role.ended()), None)
        if ended or time.monotonic() > deadline:
            failed = ended or running[0]
            raise RoleFailed(role=failed.role.name, reason=failed.last_words())
        stop.wait(LOOK_EVERY_S)
    return False


def _watch_over(project: Project, running: list[RunningRole], stop: threading.Event, say: Texts) -> None:
    """Start the prototype again when its code changes; code that does not run is told and waited for."""
    console, told = Console(stderr=True, highlight=False), False
    prototype, *ledger = running
    begun_at: float | None = prototype.started_at
    for changed in watch(
        project.folder, watch_filter=_is_code, stop_event=stop, rust_timeout=WATCH_EVERY_MS, yield_on_timeout=True
    ):
        if any(role.ended() for role in ledger):
            raise RoleFailed(role=ledger[0].role.name, reason=ledger[0].last_words())
        # What was saved between the start and the watcher's first look was seen by nobody.
        missed = begun_at is not None and _last_change(project.folder / "src") > begun_at
        begun_at = None
        if changed or missed:
            prototype.restart()
            told = False
        elif prototype.ended() and not told:
            console.print(say("run.broken", reason=prototype.last_words()), soft_wrap=True)
            told = True


def _last_change(folder: Path) -> float:
    files = (file for file in folder.rglob("*") if _is_code(Change.modified, str(file)) and file.is_file())
    return max((file.stat().st_mtime for file in files), default=0.0)


def _is_code(_: Change, path: str) -> bool:
    return path.endswith((".py", "labkit.toml")) or "/channels/" in path


def _host(listen: str) -> str:
    """Return where this machine itself reaches what listens there."""
    everywhere = {"0.0.0.0": LOOPBACK, "::": "[::1]"}  # noqa: S104  # named, not listened on
    return everywhere.get(listen) or (f"[{listen}]" if ":" in listen else listen)


def _answers(url: str) -> bool:
    # An authority's network often names a proxy, which knows nothing of this machine's own addresses.
    direct = build_opener(ProxyHandler({}))
    try:
        with direct.open(url, timeout=2):
            return True
    except OSError:
        return False


def _welcome(options: RunOptions, started: Started) -> None:
    if options.json:
        sys.stdout.write(msgspec.json.encode(started).decode() + "\n")
        sys.stdout.flush()
        return
    say = Texts(options.language)
    Console(highlight=False).print(say("run.ready", url=started.url, lab=started.lab), soft_wrap=True)
    if options.browser and sys.stdout.isatty():
        with suppress(webbrowser.Error):
            webbrowser.open(started.url)
