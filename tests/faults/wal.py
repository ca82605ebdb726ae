"""How far SQLite's write-ahead log had come at a moment, and copies of it torn as a power cut would tear them."""

import random
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

_SALT = slice(16, 24)
_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_BACKFILLED = slice(96, 100)
_PAGE_BYTES = 4096


class WalMark(NamedTuple):
    """A generation of the log, told by its salt, and its length."""

    salt: bytes
    size: int


def wal_of(ledger_file: Path) -> Path:
    return ledger_file.with_name(f"{ledger_file.name}-wal")


def wal_mark(ledger_file: Path) -> WalMark | None:
    """Return how far the log has come: what was committed before is no further."""
    try:
        with wal_of(ledger_file).open("rb") as log:
            header = log.read(_HEADER_BYTES)
            return WalMark(header[_SALT], log.seek(0, 2))
    except OSError:
        return None


class Tear(NamedTuple):
    """What was done to the copy of a log, and from which byte on."""

    how: str
    salt: bytes
    at: int

    def spares(self, mark: WalMark | None) -> bool:
        """Tell whether what was committed by a mark lies before the tear, or in the database itself."""
        return mark is not None and (mark.salt != self.salt or mark.size <= self.at)


def copy_torn(ledger_file: Path, to: Path, draw: random.Random) -> Tear:
    """Copy a ledger whose writer is dead, and tear the tail of its log."""
    shutil.copy(ledger_file, to)
    content = bytearray(wal_of(ledger_file).read_bytes())
    # What a checkpoint has copied into the database had been synced before: no power cut takes that back.
    spared = min(_checkpointed_bytes(ledger_file), len(content))
    at = draw.randint(spared, len(content))
    salt, how = bytes(content[_SALT]), draw.choice(["truncated", "garbled", "zeroed", "one byte changed"])
    match how:
        case "truncated":
            del content[at:]
        case "garbled":
            content[at:] = draw.randbytes(len(content) - at)
        case "zeroed":
            content[at:] = bytes(len(content) - at)
        case _:
            content[at : at + 1] = bytes(255 - byte for byte in content[at : at + 1])
    wal_of(to).write_bytes(content)
    return Tear(how, salt, at)


def _checkpointed_bytes(ledger_file: Path) -> int:
    index = ledger_file.with_name(f"{ledger_file.name}-shm").read_bytes()
    frames = int.from_bytes(index[_BACKFILLED], sys.byteorder)
    return _HEADER_BYTES + frames * (_FRAME_HEADER_BYTES + _PAGE_BYTES)
