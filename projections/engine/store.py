"""The generations of one view: which file is live, and how another takes its place.

A view's directory holds one SQLite file a generation and a pointer, `current`, that is replaced at once:
a rebuild writes the next generation beside the live one and then moves the pointer.
"""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from projections.engine.file import (
    ParkedCase,
    open_as_it_is,
    open_file,
    open_for_reading,
    parked_cases,
    position_of,
    remove_database,
)
from projections.engine.folding import GapInFeed, fold
from projections.engine.items import FeedItem
from projections.engine.view import View

__all__ = ["GapInFeed", "ParkedCase", "ViewStore", "parked_cases", "position_of"]


class ViewStore:
    """One view of a data directory, for its one writer and any number of readers."""

    def __init__(self, view: View, directory: Path, *, reading: bool = False) -> None:
        """Name the view and where all views of a data directory live."""
        self.view = view
        self.home = directory / view.name
        self._reading = reading
        self._generation = ""
        self._database: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def open(self) -> sqlite3.Connection:
        """Return a connection to the live generation, following the pointer when a rebuild has moved it."""
        generation = self.generation()
        if self._database is None or generation != self._generation:
            self.close()
            self._generation = generation
            self._database = self._opened(self.home / generation)
        return self._database

    def open_live(self) -> sqlite3.Connection:
        """Return a connection of its own to the live generation, whatever version of the view wrote it."""
        path = self.home / self.generation()
        made = open_for_reading(path)
        if made is None:
            return open_file(path, self.view)
        made.close()
        return open_as_it_is(path)

    def generation(self) -> str:
        """Return the file name of the live generation, made on first use."""
        pointer = self.home / "current"
        try:
            return pointer.read_text(encoding="ascii")
        except FileNotFoundError:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            first = self._file_name(1)
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

    def next_file(self) -> Path:
        """Return where the next generation is written; what an interrupted rebuild left there is removed."""
        number = int(self.generation().partition("-")[0]) + 1
        path = self.home / self._file_name(number)
        remove_database(path)
        return path

    def drop_all_but(self, generations: Sequence[str]) -> None:
        """Remove the files of older generations."""
        for path in self.home.glob("*.db"):
            if path.name not in generations:
                remove_database(path)

    def position(self) -> int:
        """Return the position that the live rows reflect."""
        return position_of(self.open())

    def apply(self, page: Sequence[FeedItem], *, after: int | None = None) -> int:
        """Fold a page and move the position in one transaction; return the position reached.

        Raises:
            GapInFeed: the page does not go on after the view's last event.
        """
        while True:
            database = self.open()
            fold(database, self.view, page, after=after)
            # A rebuild that took over meanwhile left this page out.
            if self.generation() == self._generation:
                return position_of(database)

    def parked(self) -> list[ParkedCase]:
        """Return the cases that this view could not digest."""
        return parked_cases(self.open())

    def _opened(self, path: Path) -> sqlite3.Connection:
        if self._reading:
            return open_for_reading(path) or open_file(path, self.view)
        if path.stem.endswith(f"-v{self.view.version}"):
            return open_file(path, self.view)
        # What an older program folded is not what this one reads: fold anew, in a generation of its own.
        fresh = self.next_file()
        database = open_file(fresh, self.view)
        self._generation = fresh.name
        self.point_to(fresh.name)
        return database

    def _file_name(self, number: int) -> str:
        return f"{number}-v{self.view.version}.db"
