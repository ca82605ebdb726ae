"""The projector over real view files: it can end in the middle of a page, and a power cut takes its last pages back."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ledger.publishing.message import Message
from projections import overview, telephone, timeline
from projections.engine.file import open_file, position_of, table_digests
from projections.engine.folding import fold
from projections.engine.items import FeedItem, read_item
from projections.engine.runner import Runner
from projections.engine.view import View
from tests.simulation.effects import Effects

VIEWS: tuple[View, ...] = (timeline.VIEW, overview.VIEW, telephone.VIEW)


class Projector:
    """The one writer of the views; what survives its end are the files."""

    def __init__(self, home: Path, effects: Effects) -> None:
        self._home, self._older = home, home.with_name(f"{home.name}-older")
        self.effects = effects
        self._views = [fragile(view, effects) for view in VIEWS]
        self._runner = Runner(self._views, home)

    def fold(self, stream: Sequence[Message], size: int) -> None:
        """Fold the next page of a stream, from the view that is furthest behind."""
        after = min(self.positions())
        page = [read_item(message.position, message.payload) for message in stream[after : after + size]]
        if page:
            self._fold(page)

    def positions(self) -> list[int]:
        return [store.position() for store in self._runner._stores]

    def digests(self) -> list[tuple[int, dict[str, str]]]:
        """Return where each view stands, and what its tables hold."""
        return [(store.position(), table_digests(store.open())) for store in self._runner._stores]

    def restart(self) -> None:
        """End and start again: a transaction that was open is gone."""
        self.end()
        self._runner = Runner(self._views, self._home)

    def end(self) -> None:
        self._runner.close()

    def copy(self) -> None:
        """Keep the files of now."""
        self.end()
        shutil.rmtree(self._older, ignore_errors=True)
        shutil.copytree(self._home, self._older, dirs_exist_ok=True) if self._home.exists() else None
        self.restart()

    def lose_since_copy(self) -> None:
        """Go back to the copy, rows and position together, as a power cut may do."""
        self.end()
        if self._older.exists():
            shutil.rmtree(self._home)
            shutil.copytree(self._older, self._home)
        self.restart()

    def forget_all(self) -> None:
        """Begin every view again, as a new epoch of the stream makes them."""
        self.end()
        for home in (self._home, self._older):
            shutil.rmtree(home, ignore_errors=True)
        self.restart()

    def _fold(self, page: list[FeedItem]) -> None:
        self._runner.fold(page)


class Oracle:
    """What the views must be: each folded from the log alone, without any crash, up to any position asked for."""

    def __init__(self, home: Path) -> None:
        home.mkdir()
        self._home = home
        self._known: list[dict[int, dict[str, str]]] = [{} for _ in VIEWS]
        self._databases = [open_file(home / f"{view.name}.db", view) for view in VIEWS]

    def digests(self, rank: int, position: int, log: Sequence[FeedItem]) -> dict[str, str]:
        """Return the tables of a view folded up to a position."""
        known, database = self._known[rank], self._databases[rank]
        while (reached := position_of(database)) < position:
            known[reached] = table_digests(database)
            fold(database, VIEWS[rank], log[reached : reached + 1])
        known[position_of(database)] = table_digests(database)
        return known[position]

    def close(self) -> None:
        for database in self._databases:
            database.close()


def fragile(view: View, effects: Effects) -> View:
    """Return a view whose folding can end before and after any event, or any page if it folds by the page."""
    changes: dict[str, Any] = {"project": _fragile(view.project, effects)}
    if view.project_page:
        changes["project_page"] = _fragile(view.project_page, effects)
    return replace(view, **changes)


def _fragile(project: Callable[[Any, Any], None], effects: Effects) -> Callable[[Any, Any], None]:
    def fold_fragile(database: Any, told: Any) -> None:
        effects.reach("before an event is folded")
        project(database, told)
        effects.reach("after an event is folded")

    return fold_fragile
