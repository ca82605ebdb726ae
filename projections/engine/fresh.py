"""A generation in a file while it is folded anew: nobody reads it yet, and it can be begun again.

So it is written without waiting for the disk, and what only readers look up by is sorted once, at the end. Then
all of it is on the disk before anybody is pointed to it.
"""

import os
import re
import sqlite3
from pathlib import Path

from projections.engine.view import View

_NAMED = re.compile(r"CREATE (?:UNIQUE )?INDEX IF NOT EXISTS (\w+)")


def hurry(fresh: sqlite3.Connection, view: View, *, cache_mb: int) -> None:
    """Prepare a generation for being folded from the first event on."""
    if not isinstance(fresh, sqlite3.Connection):
        return
    for name in _NAMED.findall(view.indexes):
        fresh.execute(f"DROP INDEX {name}")
    for pragma in ("journal_mode=MEMORY", "synchronous=OFF", f"cache_size=-{1024 * cache_mb}"):
        fresh.execute(f"PRAGMA {pragma}")


def settle(fresh: sqlite3.Connection, view: View) -> None:
    """Finish a generation: as it is now, it survives whatever comes."""
    if not isinstance(fresh, sqlite3.Connection):
        return
    fresh.executescript(f"BEGIN; {view.indexes}; COMMIT")
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-8000"):
        fresh.execute(f"PRAGMA {pragma}")
    (path,) = (Path(file) for _, name, file in fresh.execute("PRAGMA database_list") if name == "main")
    with path.open("rb") as file:
        os.fsync(file.fileno())
