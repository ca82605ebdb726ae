"""What the catalogue says of one prototype: what it is, for whom, what it records and reads, under which licence.

The bytes of an entry are canonical (sorted keys, no blank): the same entry is always signed the same. It holds the
digest of every file that goes with it, so that one signature vouches for all of them.
"""

import hashlib
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from ledger.domain.vocabulary import Channel, Language

FORMAT = 1
ENTRY_FILE, SIGNATURE_FILE = "entry.json", "signature.json"
PROJECT, PRISTINE, SCREENSHOTS = "project/", "pristine/", "screenshots/"

# One line that shows as it reads: no code of a terminal, no change of the writing's direction.
_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*$(?!\n)"
Short = Annotated[str, Meta(max_length=300, pattern=_LINE)]
# What code calls something: a page shows it as it is.
CodeName = Annotated[str, Meta(pattern=r"^[\w.-]+$(?!\n)", max_length=300)]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
Slug = Annotated[str, Meta(pattern=r"^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$(?!\n)", max_length=80)]


class Said(Struct, frozen=True):
    """A line in both languages."""

    fr: Short
    en: Short

    def to(self, language: Language) -> str:
        """Return the line in one language."""
        return self.fr if language == "fr" else self.en


class Field(Struct, frozen=True):
    """A field of an event, and whether it is personal."""

    name: CodeName
    personal: bool


class WrittenEvent(Struct, frozen=True, kw_only=True):
    """An event that the prototype records."""

    name: CodeName
    title: Said
    fields: tuple[Field, ...]


class PackedFile(Struct, frozen=True, kw_only=True):
    """A file of the archive: its place, its SHA-256, its size."""

    place: Annotated[str, Meta(min_length=1, max_length=240)]
    sha256: Digest
    size_bytes: Annotated[int, Meta(ge=0)]


class Entry(Struct, frozen=True, kw_only=True):
    """One prototype, as its makers describe it."""

    format: int = FORMAT
    name: Slug
    title: Said
    lead: Said
    for_whom: Short
    authority: Short
    authority_name: Short
    service_code: Short
    phase: Short
    channels: tuple[Channel, ...]
    template: Slug
    kit: Short
    events: tuple[WrittenEvent, ...]
    ledger_events: tuple[CodeName, ...]
    licence: Short
    measures: dict[Short, float | int | None]
    author: Short
    contact: Short
    made_at: datetime
    files: tuple[PackedFile, ...]

    @property
    def screenshots(self) -> tuple[PackedFile, ...]:
        """Return the pictures that go with it."""
        return tuple(file for file in self.files if file.place.startswith(SCREENSHOTS))


def packed(place: str, data: bytes) -> PackedFile:
    """Return what an entry says of a file."""
    return PackedFile(place=place, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))


def canonical(entry: Entry) -> bytes:
    """Return the bytes that are signed."""
    return msgspec.json.encode(entry, order="sorted")


def read_entry(data: bytes) -> Entry:
    """Return the entry of some bytes.

    Raises:
        msgspec.ValidationError: they hold no entry.
        msgspec.DecodeError: they are not even JSON.
    """
    return msgspec.json.decode(data, type=Entry)
