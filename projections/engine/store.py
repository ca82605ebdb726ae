"""One view where it is kept, for its writer and its readers: which generation is live, and events into its rows.

A rebuild writes the next generation beside the live one and then moves a pointer, in a directory of files as in a
database; whoever reads or folds follows it.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from projections.engine.file import ParkedCase, parked_cases, position_of
from projections.engine.folding import GapInFeed, fold
from projections.engine.generations import FileGenerations, Generations
from projections.engine.items import FeedItem
from projections.engine.place import DriverMissing, Place
from projections.engine.view import View

__all__ = ["GapInFeed", "ParkedCase", "ViewStore", "parked_cases", "position_of"]


class ViewStore:
    """One view of a data directory or of a database, for its one writer and any number of readers."""

    def __init__(self, view: View, place: Place, *, reading: bool = False) -> None:
        """Name the view and where all views of an installation live."""
        self.view = view
        self._generations = _generations(view, place)
        self._reading = reading
        self._generation = ""
        self._database: sqlite3.Connection | None = None

    @property
    def home(self) -> Path:
        """Return the view's directory, where it is kept in files."""
        if isinstance(self._generations, FileGenerations):
            return self._generations.home
        raise LookupError(f"{self.view.name} is kept in a database, not in files")

    def close(self) -> None:
        """Close the file, or leave the database."""
        self._close_live()
        self._generations.close()

    def open(self) -> sqlite3.Connection:
        """Return a connection to the live generation, following the pointer when a rebuild has moved it."""
        generation = self.generation()
        if self._database is None or generation != self._generation or not getattr(self._database, "usable", True):
            self._close_live()
            self._generation = generation
            self._database = self._opened(generation)
        return self._database

    def open_live(self) -> sqlite3.Connection:
        """Return a connection of its own to the live generation, whatever version of the view wrote it."""
        return self._generations.open_as_it_is(self.generation())

    def open_generation(self, generation: str) -> sqlite3.Connection:
        """Return a connection of its own to a generation, made with the view's schema on first use."""
        return self._generations.open(generation)

    def generation(self) -> str:
        """Return the name of the live generation, made on first use."""
        return self._generations.live()

    def point_to(self, generation: str) -> None:
        """Make a generation the live one, at once for every later reader."""
        self._generations.point_to(generation)

    def next_generation(self) -> str:
        """Return the name of the next generation; what an interrupted rebuild left there is removed."""
        return self._generations.fresh()

    def drop_all_but(self, generations: Sequence[str]) -> None:
        """Remove older generations."""
        self._generations.drop_all_but(generations)

    def alone(self) -> AbstractContextManager[bool]:
        """Keep other rebuilds of the view away, for as long as this process lives; tell whether there was none."""
        return self._generations.alone()

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

    def _close_live(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _opened(self, generation: str) -> sqlite3.Connection:
        if self._reading:
            return self._generations.open_for_reading(generation)
        if self._generations.is_of_this_version(generation):
            return self._generations.open(generation)
        # What an older program folded is not what this one reads: fold anew, in a generation of its own.
        fresh = self._generations.fresh()
        database = self._generations.open(fresh)
        self._generation = fresh
        self.point_to(fresh)
        return database


def _generations(view: View, place: Place) -> Generations:
    if isinstance(place, Path):
        return FileGenerations(view, place / view.name)
    try:
        # Only who keeps views in PostgreSQL has its driver.
        from projections.engine.postgresql_generations import PostgresqlGenerations  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise DriverMissing from error
    return PostgresqlGenerations(view, place)
