"""One process that can be killed, held and started again, by the harness and not by `labkit up`."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

END_TIMEOUT_S = 10.0
RESTART_PAUSE_S = 0.2
LISTEN_TIMEOUT_S = 30.0


class Process:
    """A program and the process that runs it now; what it says goes to one log."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        account: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.endings: list[int] = []
        self._command = list(command)
        self._log = log
        self._environment = {**os.environ, **(environment or {})}
        self._account = dict(account or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                cwd="/",
                start_new_session=True,
                **self._account,
            )
        self._started_at = time.monotonic()

    def mend(self) -> None:
        """Start again what has ended by itself, though not in a frenzy."""
        if self._process is None or self.lives or time.monotonic() - self._started_at < RESTART_PAUSE_S:
            return
        self.endings.append(self._process.returncode)
        self.start()

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        if self.lives:
            self.signal(signal.SIGKILL)
            assert self._process is not None
            self._process.wait(END_TIMEOUT_S)

    def end(self) -> None:
        """Kill, and let nobody start it again."""
        self.kill()
        self._process = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the process and its children still."""
        pids = [self.pid, *children_of(self.pid)]
        try:
            _signal_all(pids, signal.SIGSTOP)
            yield
        finally:
            _signal_all(pids, signal.SIGCONT)

    def wait(self, timeout_s: float) -> int:
        assert self._process is not None, f"{self.name} was never started"
        return self._process.wait(timeout_s)

    @property
    def has_spoken(self) -> bool:
        return self._log.exists()

    def said(self) -> str:
        return self._log.read_text("utf-8", errors="replace")


def children_of(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    return []


def wait_until_it_listens(port: int) -> None:
    deadline = time.monotonic() + LISTEN_TIMEOUT_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise TimeoutError(f"nobody listens on port {port}")


def _signal_all(pids: Sequence[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
