"""A run: every row in a process of its own, all of them in each round, after a round that only warms up.

A row that cannot be had here, or fails, says why and is left out; the run goes on, and keeps what it has.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from bench.catalogue import Row
from bench.programs.filled_log import EVENTS, FOLDER
from bench.results import Figures, Results, write_results
from bench.row import EXIT_NOT_MEASURED

WARM_UP_S = 0.3
END_TIMEOUT_S = 20.0
Tell = Callable[[str], None]


class Failed(Exception):
    """A row gave no figures; the message says why."""


class Missing(Failed):
    """What the row needs is not on this machine: trying again would not help."""


class Run(Struct, kw_only=True):
    """What is to be measured, and where what is found goes."""

    rows: Sequence[Row]
    results: Results
    file: Path
    growth: Sequence[int] = ()
    events: int = 0
    tell: Tell

    def measure(self) -> None:
        """Measure all that the results do not hold yet."""
        for row in self.rows:
            self.results.absent.pop(row.name, None)
        with tempfile.TemporaryDirectory(prefix="bench-run-") as folder:
            environment = {**os.environ, FOLDER: folder, **({EVENTS: str(self.events)} if self.events else {})}
            for row in self._taking_part():
                if row.rounds_max > 1:
                    self.tell(f"warm-up  {row.name}")
                    self._try(row, WARM_UP_S, environment, keep=False)
            for number in range(1, self.results.rounds + 1):
                for row in self._taking_part():
                    if self._lacks(row, number):
                        self.tell(f"{number}/{self.results.rounds}  {row.name}")
                        self._try(row, self.results.seconds, environment, keep=True)
        if self.growth:
            self._grow()

    def _taking_part(self) -> Iterator[Row]:
        return (
            row for row in self.rows if row.name not in self.results.absent and self._lacks(row, self.results.rounds)
        )

    def _lacks(self, row: Row, number: int) -> bool:
        return len(self.results.figures.get(row.name, [])) < min(number, row.rounds_max)

    def _try(self, row: Row, seconds: float, environment: dict[str, str], *, keep: bool) -> None:
        try:
            figures = measure(row, seconds, environment)
        except Failed as why:
            # One bad round among good ones is told and passed over, and so is a warm-up, which is short.
            self.tell(f"{row.name}: {why}")
            if isinstance(why, Missing) or (keep and row.name not in self.results.figures):
                self.results.absent[row.name] = str(why)
        else:
            if self.events and "events" in figures:
                # Another size than the row's own tries it out, and is no figure of it.
                self.results.absent[row.name] = f"tried with {figures['events']:.0f} events: {figures['value']:.1f} s"
            elif keep:
                self.results.add(row.name, figures)
        write_results(self.results, self.file)

    def _grow(self) -> None:
        command = [sys.executable, "-m", "bench.programs.growth", "--seconds", str(self.results.seconds)]
        self.results.growth.clear()
        with subprocess.Popen([*command, *map(str, self.growth)], stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                self.results.growth.append(msgspec.json.decode(line, type=Figures))
                self.tell(f"growth: {line.strip()}")
                write_results(self.results, self.file)


def measure(row: Row, seconds: float, environment: dict[str, str]) -> Figures:
    """Measure a row once.

    Raises:
        Failed: it gave no figures.
    """
    flags = ["-O"] if row.optimised else []
    command = [sys.executable, *flags, "-m", "bench.row", row.name, "--seconds", str(seconds)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, start_new_session=True
    ) as process:
        try:
            said, complained = process.communicate(timeout=row.timeout_s)
        except subprocess.TimeoutExpired as late:
            raise Failed(f"it took more than {row.timeout_s} s") from late
        finally:
            _end(process)
    if process.returncode:
        # Node and PostgreSQL end with blank words; the line that names the error comes before.
        lines = complained.decode(errors="replace").strip().splitlines()
        last = [line for line in lines if "Error" in line][-1:] or lines[-1:]
        failure = Missing if process.returncode == EXIT_NOT_MEASURED else Failed
        raise failure("".join(last) or f"it ended with code {process.returncode}")
    return msgspec.json.decode(said.splitlines()[-1], type=Figures)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a row with all that it started; one that is interrupted first stops its servers, as at its end."""
    with suppress(ProcessLookupError):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(END_TIMEOUT_S)
        os.killpg(process.pid, signal.SIGKILL)
