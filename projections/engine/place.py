"""Where the views of an installation live: files in a directory, or schemas of a PostgreSQL database.

No driver here: who keeps views in files needs none.
"""

from pathlib import Path

from msgspec import Struct


class Server(Struct, frozen=True):
    """A PostgreSQL database, by its address."""

    url: str

    def __repr__(self) -> str:
        """Say nothing of the address: it may hold a password."""
        return "Server(…)"


Place = Path | Server


class ViewsUnreachable(Exception):
    """The database of the views does not answer now, or another holds it: try again from the views' own position."""


class DriverMissing(Exception):
    """Views in PostgreSQL need a driver that is not installed."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("DATABASE_URL needs a driver: install collectivilab[postgresql].")


def place_of(data: Path, database_url: str | None) -> Place:
    """Return where the views of a data directory live: beside the ledger, as the ledger's own database says."""
    return Server(database_url) if database_url else data / "views"
