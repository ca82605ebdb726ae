"""One document, two notations: XML without attributes, and JSON by the «Spark» convention of Open311.

A list is written in XML as a container of elements that all have one name; in JSON it is an array, and the
container that is the root of a document leaves no trace there.
"""

import re
from collections.abc import Iterator
from html import escape
from typing import Literal, get_args

import msgspec

Format = Literal["xml", "json"]
Leaf = str | int | float | bool | None
Value = Leaf | dict[str, "Value"] | list["Value"]

FORMATS: tuple[Format, ...] = get_args(Format)
MEDIA_TYPES: dict[Format, str] = {"xml": "text/xml", "json": "application/json"}
ELEMENTS = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "errors": "error",
    "formats": "format",
    "notes": "note",
    "service_request_updates": "request_update",
    "service_requests": "request",
    "services": "service",
    "values": "value",
}
# What no XML document may hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def write(root: str, value: Value, notation: Format) -> bytes:
    """Return a document whose root has this name."""
    if notation == "json":
        return msgspec.json.encode(value)
    return (_DECLARATION + "".join(_element(root, value)) + "\n").encode()


def holds_forbidden(text: str) -> bool:
    """Tell whether a text could not be written in XML."""
    return _FORBIDDEN.search(text) is not None


def _element(name: str, value: Value) -> Iterator[str]:
    inside = "".join(_inside(name, value))
    yield f"<{name}>{inside}</{name}>" if inside else f"<{name}/>"


def _inside(name: str, value: Value) -> Iterator[str]:
    match value:
        case dict():
            for child, held in value.items():
                yield from _element(child, held)
        case list():
            for held in value:
                yield from _element(ELEMENTS[name], held)
        case bool():
            yield "true" if value else "false"
        case None:
            return
        case _:
            yield escape(_FORBIDDEN.sub("\ufffd", str(value)), quote=False).replace("\r", "&#13;")
