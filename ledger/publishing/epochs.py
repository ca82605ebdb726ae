"""Epochs of a stream: a ledger restored from an older copy begins its stream again, and says from where.

Each epoch after the first shares the events up to one position with the one before; what that one held beyond is of
a future that was lost. They stand in the stream's metadata, where every reader can ask for them, and in a file beside
the ledger, for a server that lost its disk. Nothing here decides that an epoch begins: an operator does.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

FILE = "epochs.json"
EVERYTHING = 2**63 - 1
"""More than any position: of what was read, all still stands."""
_NUMBER = "epoch"


class Epoch(Struct, frozen=True):
    """An epoch after the first: up to which position it holds what the one before held, and when it began."""

    after: int
    began_at: datetime


Epochs = tuple[Epoch, ...]


class _Config(Struct):
    metadata: dict[str, str] = {}


class _Told(Struct):
    config: _Config = msgspec.field(default_factory=_Config)
    error: dict[str, Any] | None = None


def number_of(epochs: Epochs) -> int:
    """Return the number of the present epoch; the first is 1."""
    return len(epochs) + 1


def metadata_of(epochs: Epochs) -> dict[str, str]:
    """Return what the stream says: `epoch: 2`, `epoch-2: <position> <moment>` and so on; of the first, nothing."""
    if not epochs:
        return {}
    told = {f"{_NUMBER}-{number}": _text(epoch) for number, epoch in enumerate(epochs, start=2)}
    return {_NUMBER: str(number_of(epochs)), **told}


def epochs_in(metadata: Mapping[str, str]) -> Epochs:
    """Return the epochs that a stream tells of.

    Raises:
        ValueError: what it tells cannot be read.
    """
    count = int(metadata.get(_NUMBER, "1"))
    return tuple(_epoch(metadata.get(f"{_NUMBER}-{number}", "")) for number in range(2, count + 1))


def epochs_told(answer: bytes) -> Epochs:
    """Return the epochs in what a server answers of a stream.

    Raises:
        ValueError: there is no such stream, or what it tells cannot be read.
    """
    try:
        told = msgspec.json.decode(answer, type=_Told)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    if told.error:
        raise ValueError(told.error.get("description", "the server refuses to say"))
    return epochs_in(told.config.metadata)


def shared_position(known: Epochs, now: Epochs) -> int:
    """Return up to which position what was read under some epochs still stands: `EVERYTHING` where nothing changed."""
    if known == now:
        return EVERYTHING
    if now[: len(known)] != known:
        # What is told now does not go on from what was known: nothing says what both share.
        return 0
    return min(epoch.after for epoch in now[len(known) :])


def read_epochs(data: Path) -> Epochs:
    """Return the epochs of the stream of a data directory; one without the file is in its first.

    Raises:
        msgspec.DecodeError: the file holds something else.
    """
    try:
        return msgspec.json.decode((data / FILE).read_bytes(), type=Epochs)
    except FileNotFoundError:
        return ()


def keep_epochs(data: Path, epochs: Epochs) -> None:
    """Write the file, whole or not at all."""
    fresh = data / f"{FILE}.new"
    with fresh.open("wb") as file:
        file.write(msgspec.json.encode(epochs))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(data / FILE)


def _text(epoch: Epoch) -> str:
    return f"{epoch.after} {epoch.began_at.astimezone(UTC).isoformat()}"


def _epoch(text: str) -> Epoch:
    after, _, began_at = text.partition(" ")
    return Epoch(int(after), datetime.fromisoformat(began_at))
