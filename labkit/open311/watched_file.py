"""A small file that people change while the server runs: read again when it is not what it was."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

Read = TypeVar("Read")


class WatchedFile(Generic[Read]):
    """What a file says now; `read` gets its bytes, or `None` where there is no file."""

    def __init__(self, path: Path, read: Callable[[bytes | None], Read]) -> None:
        self._path = path
        self._read = read
        self._seen: tuple[int, int, int] | None = None
        self._current: Read | None = None

    def current(self) -> Read:
        """Return what the file says, read again if it was replaced or changed."""
        seen = self.signature()
        if self._current is None or seen != self._seen:
            self._current = self._read(self._path.read_bytes() if seen else None)
            self._seen = seen
        return self._current

    def signature(self) -> tuple[int, int, int] | None:
        """Return what tells one state of the file from another, `None` where there is no file."""
        try:
            state = self._path.stat()
        except FileNotFoundError:
            return None
        return state.st_mtime_ns, state.st_size, state.st_ino
