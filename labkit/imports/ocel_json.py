"""Reads the JSON form of OCEL 2.0 into a spool, one event or one object at a time.

Python's own decoder reads each of them; what stands around them is followed here. One that never ends,
or that nests without end, is refused.
"""

import json
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from labkit.imports.failures import BrokenOcel
from labkit.imports.ocel_spool import Said, Spool

CHUNK_CHARACTERS = 64 * 1024
ELEMENT_CHARACTERS_MAX = 16 * 1024 * 1024
_LONGEST_MARK = 12
"""How near the end of what was read an error may only mean that more is to come: `\\ud83d\\ude00`, `-Infinity`."""
_WANTED = ("events", "objects")


class _Attribute(Struct, frozen=True):
    name: str
    value: Said | None = None
    time: str = ""


class _Relationship(Struct, frozen=True, rename="camel"):
    object_id: str


class _Event(Struct, frozen=True):
    id: str
    type: str
    time: str
    attributes: tuple[_Attribute, ...] | None = None
    relationships: tuple[_Relationship, ...] | None = None


class _Object(Struct, frozen=True):
    id: str
    type: str
    attributes: tuple[_Attribute, ...] | None = None


def read_json(file: BinaryIO, spool: Spool, path: Path) -> None:
    """Copy a log into a spool.

    Raises:
        BrokenOcel: this is no JSON, it was cut off, or it is not OCEL 2.0.
    """
    document = _Document(TextIOWrapper(file, encoding="utf-8-sig"), path)
    missing = set(_WANTED)
    try:
        for key in document.members():
            missing.discard(key)
            match key:
                case "events":
                    for element in document.elements():
                        _add_event(spool, msgspec.convert(element, _Event))
                case "objects":
                    for element in document.elements():
                        _add_object(spool, msgspec.convert(element, _Object))
                case _:
                    document.value()
    except msgspec.ValidationError as error:
        raise BrokenOcel("ocel.not-ocel", file=path, detail=error) from error
    if missing:
        raise BrokenOcel("ocel.not-ocel", file=path, detail=" · ".join(f"“{key}” ?" for key in sorted(missing)))


def _add_event(spool: Spool, event: _Event) -> None:
    spool.add_event(event.id, event.type)
    said = {one.name: one.value for one in event.attributes or () if one.value is not None}
    spool.say_of_event(event.id, event.time, said)
    spool.relate((event.id, related.object_id) for related in event.relationships or ())


def _add_object(spool: Spool, object_: _Object) -> None:
    spool.add_object(object_.id, object_.type)
    # The standard asks for no order, but whoever writes a log tells it as it went.
    said = {one.name: one.value for one in object_.attributes or () if one.value is not None}
    spool.say_of_object(object_.id, said)


class _Document:
    """A place in a text of JSON: what came before it is forgotten."""

    def __init__(self, stream: TextIOWrapper, path: Path) -> None:
        self._stream = stream
        self._path = path
        self._text = ""
        self._at = 0
        self._forgotten = 0
        self._ended = False
        self._decode = json.JSONDecoder().raw_decode

    def members(self) -> Iterator[str]:
        """Yield the keys of the object that stands here; the caller reads each value before the next."""
        for _ in self._each("{", "}"):
            key = self.value()
            if not isinstance(key, str) or self._mark() != ":":
                raise self._broken("ocel.not-json")
            yield key

    def elements(self) -> Iterator[object]:
        """Yield the elements of the array that stands here."""
        for _ in self._each("[", "]"):
            yield self.value()

    def value(self) -> object:
        """Read the value that stands here, whatever it is."""
        self._skip_space()
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as error:
                cut = error.pos >= len(self._text) - _LONGEST_MARK or error.msg.startswith("Unterminated")
                if not cut:
                    raise self._broken("ocel.not-json") from error
                if self._ended:
                    raise self._broken("ocel.truncated") from error
            except (ValueError, RecursionError) as error:
                raise self._broken("ocel.not-json") from error
            else:
                # A number at the very end may go on.
                if end < len(self._text) or self._ended:
                    self._at = end
                    return value
            self._read_on()

    def _each(self, first: str, last: str) -> Iterator[None]:
        if self._mark() != first:
            raise self._broken("ocel.not-json")
        if self._next() == last:
            self._mark()
            return
        while True:
            yield
            mark = self._mark()
            if mark == last:
                return
            if mark != ",":
                raise self._broken("ocel.not-json")

    def _mark(self) -> str:
        mark = self._next()
        self._at += 1
        return mark

    def _next(self) -> str:
        self._skip_space()
        if self._at == len(self._text):
            raise self._broken("ocel.truncated" if self._forgotten + self._at else "ocel.empty-file")
        return self._text[self._at]

    def _skip_space(self) -> None:
        while True:
            rest = self._text[self._at : self._at + CHUNK_CHARACTERS]
            self._at += len(rest) - len(rest.lstrip(" \t\r\n"))
            if self._at < len(self._text) or self._ended:
                return
            self._read_on()

    def _read_on(self) -> None:
        unread = self._text[self._at :]
        if len(unread) > ELEMENT_CHARACTERS_MAX:
            raise self._broken("ocel.endless", limit=ELEMENT_CHARACTERS_MAX)
        self._forgotten += self._at
        try:
            # Twice as much each time: an element that is long is not decoded over and over.
            more = self._stream.read(max(CHUNK_CHARACTERS, len(unread)))
        except UnicodeDecodeError as error:
            raise self._broken("ocel.not-json") from error
        self._text, self._at, self._ended = unread + more, 0, not more

    def _broken(self, why: str, **details: object) -> BrokenOcel:
        return BrokenOcel(why, file=self._path, offset=self._forgotten + self._at, **details)
