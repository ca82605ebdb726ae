"""What a view is: a name, a schema, and one function that folds an event into its tables.

Every view lives in a SQLite file of its own, with the position it reflects in the same transaction. A view
that has many events to fold may do it faster by the page: `project_page` must then write what `project`
would have, event by event, whatever the pages.
"""

from collections.abc import Callable, Sequence
from sqlite3 import Connection
from typing import Generic, TypeVar

from msgspec import Struct

from ledger.domain.events import Event
from ledger.publishing.published import PublishedEvent

Row = TypeVar("Row")


class View(Struct, frozen=True, kw_only=True):
    """A read model: `project` folds one event; raise the version when what it writes changes.

    `events` are the kinds it folds, all of them if it does not say. `indexes` are those that only readers
    need: when the view is folded anew they are made at the end. A view that open pages follow as it moves
    is folded before the others.
    """

    name: str
    version: int
    schema: str
    project: Callable[[Connection, PublishedEvent], None]
    indexes: str = ""
    events: frozenset[type[Event]] | None = None
    project_page: Callable[[Connection, Sequence[PublishedEvent]], None] | None = None
    followed: bool = False

    def fold(self, database: Connection, events: Sequence[PublishedEvent]) -> None:
        """Fold events of the kinds that the view folds."""
        if self.project_page:
            self.project_page(database, events)
            return
        for event in events:
            self.project(database, event)


class Page(Struct, Generic[Row], frozen=True, kw_only=True):
    """Some rows of a view, and where to go on: `cursor` is `None` on the last page."""

    rows: list[Row]
    cursor: str | None = None
