"""What a view is: a name, a schema, and one function that folds an event into its tables.

Every view lives in a SQLite file of its own, with the position it reflects in the same transaction.
"""

from collections.abc import Callable
from sqlite3 import Connection
from typing import Generic, TypeVar

from msgspec import Struct

from ledger.publishing.published import PublishedEvent

Row = TypeVar("Row")


class View(Struct, frozen=True, kw_only=True):
    """A read model: `project` folds one event; raise the version when what it writes changes."""

    name: str
    version: int
    schema: str
    project: Callable[[Connection, PublishedEvent], None]


class Page(Struct, Generic[Row], frozen=True, kw_only=True):
    """Some rows of a view, and where to go on: `cursor` is `None` on the last page."""

    rows: list[Row]
    cursor: str | None = None
