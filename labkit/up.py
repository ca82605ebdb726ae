"""`labkit up`: broker, write side, relay and views as processes of their own, behind one address.

This process only watches over them. One Ctrl-C stops everything, in order.
"""

import os
import signal
import sys
import threading
import time
import webbrowser
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console

from labkit.broker import LOOPBACK, prepare_broker
from labkit.client import Client
from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure, NatsUnreachable, NewerData, RoleFailed, StorageFailed
from labkit.instance import RUN_FILE, Instance
from labkit.integrators.failures import UnreadableIntegrators
from labkit.messages import Texts
from labkit.options import UpOptions
from labkit.prerequisites import check_nats, check_port, check_version, environment_settings, hold
from labkit.roles import Role, RoleGaveUp, RunningRole
from ledger.access.registry import AccessError
from ledger.webhooks.database import FILE as WEBHOOKS_FILE

READY_TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.05
WATCH_EVERY_S = 0.5
LIVING_MARK = "living"
_ONE_PORT = {"COLLECTIVILAB_METRICS_PORT": ""}
"""One port cannot serve several processes: the site tells of all of them, at `/metrics`."""
STREAM_MISMATCH = 9
"""How the relay ends when the stream is no copy of the ledger: starting it again would not help."""


class RunFile(Instance, frozen=True, kw_only=True):
    """What `run.json` says beside what other verbs need: the processes, for whoever has to clean up."""

    pids: dict[str, int]


def up(options: UpOptions) -> ExitCode:
    """Start everything and stay until interrupted.

    Raises:
        LabkitFailure: the port is taken, another run holds the data, or a process cannot do its work.
    """
    say = Texts(options.language)
    settings = environment_settings()
    stop = _stop_signal()
    # Whatever any of the processes writes is its owner's alone, even in a directory that others may enter.
    os.umask(0o077)
    with ExitStack() as stack:
        stack.enter_context(hold(options.data))
        check_port(options.port)
        check_version(options.data, settings)
        check_nats(settings)
        nats_url, roles = _roles(options, settings.nats_url)
        running: list[RunningRole] = []
        stack.callback(_stop_all, running)
        stack.callback((options.data / RUN_FILE).unlink, missing_ok=True)
        for role in roles:
            running.append(RunningRole(role, options.data))  # noqa: PERF401  # those started are stopped if one cannot be
        url = f"http://{LOOPBACK}:{options.port}"
        head = _wait_until_ready(url, running, stop)
        if head is not None:
            run_file = _RunFileWriter(options.data, url, nats_url)
            run_file.write(running)
            _welcome(options, say, url)
            residents = _bring_to_life(options, url, head, stop)
            if residents:
                stack.callback(residents.join, 5.0)
            stack.callback(stop.set)
            _watch_over(run_file, running, stop, _webhooks(options))
    return ExitCode.OK


def _stop_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # `nohup` asks to outlive the terminal; without it a closed terminal stops everything, like Ctrl-C.
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: stop.set())
    return stop


def _roles(options: UpOptions, given: str | None) -> tuple[str, list[Role]]:
    environment = {
        "COLLECTIVILAB_DATA": str(options.data),
        "COLLECTIVILAB_HOST": LOOPBACK,
        "COLLECTIVILAB_PORT": str(options.port),
        **_ONE_PORT,
    }
    roles: list[Role] = []
    public_url = writing_url = reading_url = given or ""
    if not given:
        try:
            broker = prepare_broker(options.data)
        except AccessError as error:
            raise UnreadableIntegrators(name=error.name) from error
        public_url, writing_url, reading_url = broker.url, broker.ledger_url, broker.reader_url
        roles.append(Role(name="nats-server", command=broker.command, environment={}))
    python = [sys.executable, "-m"]
    writing = {**environment, "NATS_URL": writing_url}
    final = frozenset({ExitCode.USAGE, ExitCode.NEWER_DATA, STREAM_MISMATCH})
    roles += [
        Role(
            name="site", command=[*python, "labkit.site"], environment=writing, final_codes=final | {ExitCode.STORAGE}
        ),
        Role(name="relay", command=[*python, "ledger", "relay"], environment=writing, final_codes=final),
        Role(
            name="views",
            command=[*python, "projections", "run", "--data", str(options.data)],
            environment={"NATS_URL": reading_url, **_ONE_PORT},
            final_codes=final,
        ),
    ]
    return f"nats://{public_url.removeprefix('nats://').rpartition('@')[2]}", roles


def _webhooks(options: UpOptions) -> Role:
    """Return the process that delivers webhooks, which runs once there is somebody to deliver to."""
    return Role(
        name="webhooks",
        command=[sys.executable, "-m", "ledger", "webhooks"],
        environment={"COLLECTIVILAB_DATA": str(options.data), **_ONE_PORT},
        final_codes=frozenset({ExitCode.USAGE, ExitCode.NEWER_DATA, STREAM_MISMATCH}),
    )


def _wait_until_ready(url: str, running: list[RunningRole], stop: threading.Event) -> int | None:
    """Return where the ledger stands once everything answers, `None` when it is to stop before."""
    client = Client(url, attempts_max=1)
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not stop.is_set():
        _mend(running)
        with suppress(LabkitFailure):
            return client.status().ledger.position
        if time.monotonic() > deadline:
            site = next(role for role in running if role.role.name == "site")
            raise RoleFailed(role="site", reason=site.last_words())
        stop.wait(LOOK_EVERY_S)
    return None


def _watch_over(run_file: "_RunFileWriter", running: list[RunningRole], stop: threading.Event, webhooks: Role) -> None:
    waiting = [webhooks]
    while not stop.wait(WATCH_EVERY_S):
        started = waiting and run_file.data.joinpath(WEBHOOKS_FILE).exists()
        if started:
            running.append(RunningRole(waiting.pop(), run_file.data))
        if _mend(running) or started:
            run_file.write(running)


def _mend(running: list[RunningRole]) -> bool:
    try:
        mended = [role.mend() for role in running]  # all of them, not only up to the first
        return any(mended)
    except RoleGaveUp as end:
        raise _failure(end) from end


def _failure(end: RoleGaveUp) -> LabkitFailure:
    match end.exit_code:
        case ExitCode.NEWER_DATA:
            return NewerData(data="DATABASE_URL")
        case ExitCode.NATS_UNREACHABLE:
            return NatsUnreachable(url="NATS_URL")
        case ExitCode.STORAGE:
            return StorageFailed(reason=end.last_words)
        case _:
            return RoleFailed(role=end.name, reason=end.last_words)


def _stop_all(running: list[RunningRole]) -> None:
    for role in reversed(running):
        role.stop()


class _RunFileWriter:
    """Tells other programs where this run answers, and with which processes."""

    def __init__(self, data: Path, url: str, nats_url: str) -> None:
        self.data = data
        self._path = data / RUN_FILE
        self._url = url
        self._nats_url = nats_url
        self._started_at = datetime.now(UTC)

    def write(self, running: list[RunningRole]) -> None:
        """Write the file, whole or not at all."""
        pids = {role.role.name: role.pid for role in running}
        run = RunFile(url=self._url, pid=os.getpid(), nats_url=self._nats_url, started_at=self._started_at, pids=pids)
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(run))
        fresh.replace(self._path)


def _welcome(options: UpOptions, say: Texts, url: str) -> None:
    if options.json:
        sys.stdout.write(msgspec.json.encode({"url": url, "data": str(options.data)}).decode() + "\n")
        sys.stdout.flush()
    else:
        Console(highlight=False).print(say("up.ready", url=url, data=options.data), soft_wrap=True)
    if options.browser and sys.stdout.isatty():
        with suppress(webbrowser.Error):
            webbrowser.open(url)


def _bring_to_life(options: UpOptions, url: str, head: int, stop: threading.Event) -> threading.Thread | None:
    """Let invented residents live on a new ledger, and again on the ledger that they lived on before."""
    mark = options.data / LIVING_MARK
    if options.empty or (head and not mark.exists()):
        return None
    mark.touch()
    from labkit.simulate.run import simulate  # noqa: PLC0415  # the communes are loaded only when somebody lives there

    thread = threading.Thread(target=simulate, args=(url, head, stop), name="residents", daemon=True)
    thread.start()
    return thread
