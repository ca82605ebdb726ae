"""How much memory a process and all that it started hold together, and the most that they ever held."""

import os
import threading
from pathlib import Path
from typing import Self

LOOK_EVERY_S = 0.05


class PeakMemory:
    """Looks at a process from the side for as long as the context lasts."""

    def __init__(self, pid: int) -> None:
        """Name the process."""
        self.peak_mb = 0.0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            self.peak_mb = max(self.peak_mb, sum(map(resident_mb, _family(self._pid))))


def resident_mb(pid: int) -> float:
    """Return the resident megabytes of a process; nothing when it is over."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def _family(pid: int) -> list[int]:
    found, left = [], [pid]
    while left:
        found.append(left.pop())
        try:
            tasks = Path(f"/proc/{found[-1]}/task").iterdir()
            left += [int(child) for task in tasks for child in (task / "children").read_text(encoding="ascii").split()]
        except OSError:
            continue
    return found
