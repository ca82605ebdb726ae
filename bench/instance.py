"""A real `labkit up`, on files and a port of its own, for the rows that measure the whole."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from bench.servers import free_port, scratch

LABKIT = ("-c", "from labkit.cli import main; main()")
READY_TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.02


class Instance(Struct, frozen=True):
    """Where it answers, and where its data are."""

    url: str
    data: Path

    def pids(self) -> list[int]:
        """Return its processes."""
        run = _run_file(self.data)
        return [run["pid"], *run["pids"].values()]


@contextmanager
def running() -> Iterator[Instance]:
    """Run an empty instance until the end of the context."""
    with scratch() as folder:
        data = folder / "data"
        command = [sys.executable, *LABKIT, "up", "--no-browser", "--empty", "--data", str(data)]
        process = subprocess.Popen([*command, "--port", str(free_port())], stdout=subprocess.DEVNULL)
        try:
            yield Instance(_address(data, process), data)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(READY_TIMEOUT_S)


def _address(data: Path, process: "subprocess.Popen[bytes]") -> str:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, ValueError):
            address: str = _run_file(data)["url"]
            return address
        time.sleep(LOOK_EVERY_S)
    raise RuntimeError("labkit up did not start")


def _run_file(data: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((data / "run.json").read_text(encoding="utf-8"))
    return told
