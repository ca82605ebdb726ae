"""Processes that write to one ledger as fast as they can."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import msgspec

from ledger.settings import Settings

PATIENCE_S = 60
PROGRAM = Path(__file__).with_name("writer_process.py")


class Writers:
    """One process for each machine, named by its settings."""

    def __init__(
        self, machines: Sequence[Settings], scheme: str, *, events: int, about: Sequence[UUID] = (), on_their_way: int
    ) -> None:
        environment = {**os.environ, "PYTHONPATH": str(PROGRAM.parents[2])}
        self._processes = []
        for seed, settings in enumerate(machines):
            task = {
                "scheme": scheme,
                "database_url": settings.database_url,
                "keys_database_url": settings.keys_database_url,
                "data": str(settings.data),
                "about": about,
                "seed": seed,
                "events": events // len(machines),
                "on_their_way": on_their_way,
            }
            told = msgspec.json.encode(task).decode()
            self._processes.append(subprocess.Popen([sys.executable, PROGRAM, told], env=environment))

    def run(self) -> bool:
        """Tell whether any of them is still at it."""
        return any(process.poll() is None for process in self._processes)

    def exit_codes(self) -> list[int]:
        """Wait for all of them."""
        return [process.wait(PATIENCE_S) for process in self._processes]

    def kill(self) -> None:
        """End them, wherever they are."""
        for process in self._processes:
            process.kill()
            process.wait()
