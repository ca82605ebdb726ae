"""The list of what a backup holds, written last: a folder without it is not a backup.

It says of which ledger the backup is, up to which position, by which version, and the SHA-256 of every file.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from labkit.backup.failures import NotABackup
from labkit.failures import NewerData
from ledger.store.database import SCHEMA_VERSION

FILE = "manifest.json"
FORMAT = 1
Kind = Literal["ledger", "keys"]
Store = Literal["sqlite", "postgresql"]


class BackedUpFile(Struct, frozen=True, kw_only=True):
    """One file, by its path in the backup, which is also its path in a data directory."""

    # No part of it may lead out of the directory that is restored: neither «..», nor a root, nor an empty part.
    path: Annotated[str, Meta(pattern=r"^(?!.*(^|/)\.{0,2}(/|$))[^\\\x00]+$")]
    size_bytes: int
    sha256: str


class LogFacts(Struct, frozen=True, kw_only=True):
    """What is known of a log at one moment; `ledger` is its first event, which no other ledger has."""

    store: Store
    position: int
    ledger: UUID | None
    events: int
    commands: int


class Manifest(Struct, frozen=True, kw_only=True):
    """The whole list; `counts` tells people and programs what to expect of the files."""

    format: int = FORMAT
    kind: Kind
    made_by: str
    made_at: datetime
    schema: int = SCHEMA_VERSION
    log: LogFacts
    counts: dict[str, int]
    files: tuple[BackedUpFile, ...]


class _Version(Struct):
    """What has to be understood before the rest is read, which a newer version may have changed."""

    format: int
    schema: int


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make a backup of what lies in a folder: from this moment on it is whole."""
    fresh = folder / f"{FILE}.new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / FILE)
    sync_folder(folder)


def read_manifest(folder: Path, kind: Kind) -> Manifest:
    """Return the list of a backup.

    Raises:
        NotABackup: there is no list, or it is that of another kind of backup.
        NewerData: a newer version wrote it.
    """
    try:
        told = (folder / FILE).read_bytes()
        version = msgspec.json.decode(told, type=_Version)
        if version.format > FORMAT or version.schema > SCHEMA_VERSION:
            raise NewerData(data=folder)
        manifest = msgspec.json.decode(told, type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise NotABackup(backup=folder, kind=kind) from error
    if manifest.kind != kind:
        raise NotABackup(backup=folder, kind=kind)
    return manifest


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
