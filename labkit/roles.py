"""The processes behind `labkit up`: started in order, restarted when they die, stopped in the other order.

Each carries a mark in its environment, so that the next run finds those that a killed one left behind.
"""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

RESTARTS_MAX = 5
RESTARTS_WINDOW_S = 60.0
STOP_TIMEOUT_S = 10.0
ORPHANS_TIMEOUT_S = 10.0
_LOOK_EVERY_S = 0.02
_LOG_TAIL_BYTES = 4_000
_MARK = "LABKIT_UP"
_PROCESSES = Path("/proc")
_ENDED = frozenset({b"Z", b"X"})


class RoleGaveUp(Exception):
    """A process ended again and again, or said by its exit code that starting it again is useless."""

    def __init__(self, name: str, exit_code: int, last_words: str) -> None:
        """Keep which, how it ended, and what it said last."""
        super().__init__(f"{name} ended with code {exit_code}: {last_words}")
        self.name = name
        self.exit_code = exit_code
        self.last_words = last_words


class Role(Struct, frozen=True, kw_only=True):
    """One process: its name, its command, and what its environment adds; some exit codes end it for good."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    final_codes: frozenset[int] = frozenset()


class RunningRole:
    """A role and the process that plays it now."""

    def __init__(self, role: Role, data: Path) -> None:
        """Start the process; what it says goes to a log of its own."""
        self.role = role
        self._environment = {**role.environment, _MARK: str(data.resolve())}
        self._log = data / "logs" / f"{role.name}.log"
        self._log.parent.mkdir(mode=0o700, exist_ok=True)
        self._log.unlink(missing_ok=True)
        self._restarts: deque[float] = deque(maxlen=RESTARTS_MAX)
        self._process = self._start()

    @property
    def pid(self) -> int:
        """Return the process of now."""
        return self._process.pid

    def mend(self) -> bool:
        """Start the process again if it has ended; tell whether it had.

        Raises:
            RoleGaveUp: it is of no use to start it again.
        """
        code = self._process.poll()
        if code is None:
            return False
        now = time.monotonic()
        often = len(self._restarts) == RESTARTS_MAX and now - self._restarts[0] < RESTARTS_WINDOW_S
        if often or code in self.role.final_codes:
            raise RoleGaveUp(self.role.name, code, self.last_words())
        self._restarts.append(now)
        self._process = self._start()
        return True

    def ended(self) -> bool:
        """Tell whether the process is over."""
        return self._process.poll() is not None

    def restart(self) -> None:
        """End the process and start it again, as somebody asked."""
        self.stop()
        self._process = self._start()

    def stop(self) -> None:
        """Ask the process to end, and insist after a while."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def last_words(self) -> str:
        """Return the last line that the process wrote."""
        with suppress(OSError):
            lines = self._log.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace").strip().splitlines()
            return lines[-1] if lines else ""
        return ""

    def _start(self) -> "subprocess.Popen[bytes]":
        self.started_at = time.time()
        descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as log:
            return subprocess.Popen(  # noqa: S603  # our own programs, with arguments of our own
                self.role.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self._environment},
                start_new_session=True,
            )


def end_orphans(data: Path) -> None:
    """End the processes that a killed run left on a data directory, and wait until their ports and files are free."""
    mark = f"{_MARK}={data.resolve()}".encode()
    orphans = [pid for pid in _pids() if mark in _read(pid, "environ").split(b"\0")]
    for pid in orphans:
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + ORPHANS_TIMEOUT_S
    while any(map(_lives, orphans)) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)


def _pids() -> list[int]:
    return [int(home.name) for home in _PROCESSES.glob("[0-9]*")]


def _lives(pid: int) -> bool:
    state = _read(pid, "stat").rpartition(b") ")[2][:1]
    return bool(state) and state not in _ENDED


def _read(pid: int, name: str) -> bytes:
    try:
        return (_PROCESSES / str(pid) / name).read_bytes()
    except OSError:
        return b""
