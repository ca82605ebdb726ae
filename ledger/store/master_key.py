"""The master key of a data directory: thirty-two bytes in a file that its owner alone may read."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from ledger.store.vault import KEY_BYTES, VaultError


def read_or_make_master_key(path: Path) -> bytes:
    """Return the master key of a data directory, made on first use and readable by its owner alone.

    Raises:
        VaultError: the file is no master key, or others may read it.
    """
    if not path.exists():
        _make_master_key(path)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise VaultError(f"{path} may be read by others: run «chmod 600 {path}».")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise VaultError(f"{path} is no master key ({len(key)} bytes, not {KEY_BYTES}): put the right one back.")
    return key


def _make_master_key(path: Path) -> None:
    # Written whole, then named: another process that starts at once sees no key, or this one.
    descriptor, unnamed = mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.urandom(KEY_BYTES))
        file.flush()
        os.fsync(descriptor)
    with suppress(FileExistsError):
        os.link(unnamed, path)
    Path(unnamed).unlink()
    directory = os.open(path.parent, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)
