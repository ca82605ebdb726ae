"""The generations of a view in a directory: one SQLite file each, and a pointer to the live one.

A view's directory holds files `N-vV.db` and a pointer, `current`, that is replaced at once: a rebuild writes the
next generation beside the live one and then moves the pointer.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from projections.engine.file import open_as_it_is, open_file, open_for_reading, remove_database
from projections.engine.view import View


class Generations(Protocol):
    """The generations of one view, wherever it lives; what it opens is, or passes for, a connection to SQLite."""

    def close(self) -> None:
        """Let go of what was opened here."""
        ...

    def live(self) -> str:
        """Return the name of the live generation, made on first use."""
        ...

    def point_to(self, generation: str) -> None:
        """Make a generation the live one, at once for every later reader."""
        ...

    def fresh(self) -> str:
        """Return the name of the next generation; what an interrupted rebuild left there is removed."""
        ...

    def drop_all_but(self, generations: Sequence[str]) -> None:
        """Remove older generations."""
        ...

    def is_of_this_version(self, generation: str) -> bool:
        """Tell whether this version of the view folded a generation."""
        ...

    def open(self, generation: str) -> sqlite3.Connection:
        """Open a generation, made with the view's schema on first use, whole or not at all."""
        ...

    def open_as_it_is(self, generation: str) -> sqlite3.Connection:
        """Open a generation whatever version of its view wrote it."""
        ...

    def open_for_reading(self, generation: str) -> sqlite3.Connection:
        """Open a generation without being able to change it."""
        ...

    def alone(self) -> AbstractContextManager[bool]:
        """Keep other rebuilds of the view away, for as long as this process lives; tell whether there was none."""
        ...


class FileGenerations:
    """The generations of a view, for its writer and any number of readers."""

    def __init__(self, view: View, home: Path) -> None:
        """Name the view and its directory."""
        self.view = view
        self.home = home
        self._pointer = str(home / "current")
        self._read: tuple[tuple[int, int], str] | None = None

    def close(self) -> None:
        """Do nothing: no file stays open here."""

    def live(self) -> str:
        """Return the file name of the live generation, made on first use."""
        try:
            # Asked for around every page, so it is read again only when it is another file.
            seen = os.stat(self._pointer)  # noqa: PTH116  # without a new path each time
            version = seen.st_ino, seen.st_mtime_ns
            if self._read is None or self._read[0] != version:
                self._read = version, Path(self._pointer).read_text(encoding="ascii")
            return self._read[1]
        except FileNotFoundError:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            first = self._name(1)
            self.point_to(first)
            return first

    def point_to(self, generation: str) -> None:
        """Make a generation the live one, at once for every later reader."""
        fresh = self.home / f"current.{uuid4().hex}"
        with fresh.open("w", encoding="ascii") as file:
            file.write(generation)
            file.flush()
            # An empty pointer after a power cut would leave no view at all.
            os.fsync(file.fileno())
        fresh.replace(self.home / "current")

    def fresh(self) -> str:
        """Return the name of the next generation; what an interrupted rebuild left there is removed."""
        name = self._name(int(self.live().partition("-")[0]) + 1)
        remove_database(self.home / name)
        return name

    def drop_all_but(self, generations: Sequence[str]) -> None:
        """Remove the files of older generations."""
        for path in self.home.glob("*.db"):
            if path.name not in generations:
                remove_database(path)

    def is_of_this_version(self, generation: str) -> bool:
        """Tell whether this version of the view folded a generation."""
        return Path(generation).stem.endswith(f"-v{self.view.version}")

    def open(self, generation: str) -> sqlite3.Connection:
        """Open a generation, made with the view's schema on first use, whole or not at all."""
        return open_file(self.home / generation, self.view)

    def open_as_it_is(self, generation: str) -> sqlite3.Connection:
        """Open a generation whatever version of its view wrote it."""
        made = open_for_reading(self.home / generation)
        if made is None:
            return self.open(generation)
        made.close()
        return open_as_it_is(self.home / generation)

    def open_for_reading(self, generation: str) -> sqlite3.Connection:
        """Open a generation without being able to change it."""
        return open_for_reading(self.home / generation) or self.open(generation)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Keep other rebuilds of the view away, for as long as this process lives; tell whether there was none."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.home / "rebuild.lock").open("w", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
            else:
                yield True

    def _name(self, number: int) -> str:
        return f"{number}-v{self.view.version}.db"
