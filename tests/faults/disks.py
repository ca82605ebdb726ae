"""A disk that can be full: a small tmpfs where it may be mounted, else a limit on the size of the writer's files."""

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BALLAST = "ballast"
BALLAST_STEP_BYTES = 1_000_000
NO_MORE_BYTES = 1


class SmallDisk:
    """A tmpfs of its own, on which all files of a machine live."""

    def __init__(self, home: Path) -> None:
        self.kind = "a tmpfs of its own"
        self.home = home

    @contextmanager
    def full(self, _: Callable[[], int]) -> Iterator[None]:
        ballast = self.home / BALLAST
        try:
            with suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:  # ends when nothing more fits
                    file.write(bytes(BALLAST_STEP_BYTES))
            yield
        finally:
            ballast.unlink()


class LimitedFiles:
    """Where nobody may mount: the files of the writing process may not grow (RLIMIT_FSIZE)."""

    def __init__(self, home: Path) -> None:
        self.kind = "RLIMIT_FSIZE of the writer"
        self.home = home

    @contextmanager
    def full(self, writer: Callable[[], int]) -> Iterator[None]:
        pid = writer()
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (NO_MORE_BYTES, before[1]))
        try:
            yield
        finally:
            if Path(f"/proc/{pid}").exists():
                resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def disk_for(home: Path, size_bytes: int) -> Iterator[SmallDisk | LimitedFiles]:
    """Lend a disk."""
    home.mkdir(parents=True, exist_ok=True)
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={size_bytes},mode=755", "tmpfs", str(home)]
    if os.geteuid() != 0 or subprocess.run(mounting, check=False, capture_output=True).returncode:
        yield LimitedFiles(home)
        return
    try:
        yield SmallDisk(home)
    finally:
        subprocess.run(["umount", "--lazy", str(home)], check=True)
