"""Puts an export in its place when it is whole: until then it grows in a hidden directory beside it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from labkit.exports.failures import ExportExists, NotExported


@contextmanager
def in_place(file: Path, *, force: bool) -> Iterator[Path]:
    """Give the path to write at; what is there at the end takes the name that was asked for.

    Raises:
        ExportExists: a file has that name, and nobody said to replace it.
        NotExported: it cannot be written there.
    """
    if file.exists() and not force:
        raise ExportExists(file=file)
    try:
        with TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent, ignore_cleanup_errors=True) as staging:
            growing = Path(staging) / file.name
            yield growing
            with growing.open("rb") as whole:
                os.fsync(whole.fileno())
            growing.replace(file)
    except (OSError, sqlite3.Error) as error:
        raise NotExported(file=file, reason=error) from error
