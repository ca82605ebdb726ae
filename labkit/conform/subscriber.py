"""The program that is tried: run as its makers say, in an empty folder, and asked where it stands and what it says.

All that it has to be able to do is what `--probe` prints: one JSON object with its `position`, and whatever it makes of
the events. So nothing need be added to a subscriber but a way to ask it.
"""

import asyncio
import os
import shlex
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from labkit.conform.failures import CommandNotStarted

PROBE_TIMEOUT_S = 15.0
END_TIMEOUT_S = 10.0
COMPLAINT_LINES = 3
PRINTED_MAX = 300


class Said(Struct, frozen=True):
    """What the probe printed: where the subscriber stands, and all that it says."""

    position: int = 0
    figures: dict[str, Any] = {}


class _Position(Struct):
    position: int


class Subscriber:
    """One life of the program: a folder that was empty when it began, and processes in it, one after the other."""

    def __init__(self, command: str, probe: str, folder: Path) -> None:
        """Name the commands, and where they are run."""
        self.probe, self._command, self._folder = probe, command, folder
        self._environment: dict[str, str] = {}
        self._log = folder.with_suffix(".log")
        self._process: Process | None = None
        self.printed: str | None = None

    def give(self, environment: Mapping[str, str]) -> None:
        """Say what its processes find in their environment, beside what is there."""
        self._environment = {**os.environ, **environment}

    async def start(self) -> None:
        """Start a process.

        Raises:
            CommandNotStarted: there is no such program.
        """
        with self._log.open("ab") as log:
            self._process = await self._spawn(self._command, stdout=log, stderr=STDOUT)

    @property
    def ended_with(self) -> int | None:
        """Return the exit code of the process, `None` while it runs."""
        return self._process.returncode if self._process else None

    async def end(self, number: signal.Signals) -> bool:
        """End the process, its children too; return whether it obeyed in time."""
        process = self._process
        if process is None:
            return True
        _signal(process, number)
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await process.wait()
        except TimeoutError:
            return False
        finally:
            _signal(process, signal.SIGKILL)
            await process.wait()
        return True

    async def ask(self) -> Said | None:
        """Ask the probe; `None` if it says no position, which may be early."""
        process = await self._spawn(self.probe, stdout=PIPE, stderr=PIPE)
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                out, complaint = await process.communicate()
        except TimeoutError:
            _signal(process, signal.SIGKILL)
            out, complaint = await process.communicate()
        try:
            position = msgspec.json.decode(out, type=_Position).position
            said = Said(position, msgspec.json.decode(out))
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.printed = (out or complaint).decode("utf-8", "replace").strip()[-PRINTED_MAX:]
            return None
        self.printed = None
        return said

    def complaint(self) -> str:
        """Return the last lines that its processes wrote."""
        with suppress(OSError):
            lines = [line for line in self._log.read_text("utf-8", "replace").splitlines() if line.strip()]
            return "\n".join(line[:PRINTED_MAX] for line in lines[-COMPLAINT_LINES:])
        return ""

    async def _spawn(self, command: str, **streams: Any) -> Process:  # noqa: ANN401  # whatever asyncio takes
        try:
            words = shlex.split(command)
            # A session of its own: `uv run` and `npm start` have children, which end with it.
            return await asyncio.create_subprocess_exec(
                *words, cwd=self._folder, env=self._environment, stdin=DEVNULL, start_new_session=True, **streams
            )
        except (OSError, ValueError, TypeError) as error:
            raise CommandNotStarted(command=command, reason=error) from error


def _signal(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
