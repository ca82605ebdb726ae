"""From the SQL of the views, which is SQLite's, to PostgreSQL's: marks of parameters, types, transactions.

Views keep to what both understand; the little that differs is translated here and nowhere else. No database here.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

Parameters = Sequence[Any] | Mapping[str, Any]

# Text in quotes is left as it is; what looks like a name after two colons is a type.
_MARK = re.compile(r"'(?:[^']|'')*'|::|%|\?(?P<number>\d*)|:(?P<name>[A-Za-z_]\w*)")
_TYPES = (
    (re.compile(r"\bINTEGER\b"), "bigint"),
    (re.compile(r"\bBLOB\b"), "bytea"),
    (re.compile(r"\bREAL\b"), "double precision"),
    # SQLite compares texts byte by byte, whatever the language of the server.
    (re.compile(r"\bTEXT\b"), 'text COLLATE "C"'),
    # SQLite works a virtual column out for its index; PostgreSQL cannot.
    (re.compile(r"\bVIRTUAL\b"), "STORED"),
    (re.compile(r"\bWITHOUT ROWID\b"), ""),
)


def schema(text: str) -> str:
    """Return the statements that make a view's tables."""
    for pattern, instead in _TYPES:
        text = pattern.sub(instead, text)
    return text


@lru_cache(maxsize=1024)
def statement(text: str) -> str:
    """Return a statement with the marks of the driver: `?` by rank, `?1` and `:name` by name."""
    return _MARK.sub(_mark, text)


def parameters(given: Parameters, text: str) -> Parameters:
    """Return what a translated statement takes."""
    if isinstance(given, Mapping) or "%(_1)s" not in text:
        return given
    return {f"_{rank}": value for rank, value in enumerate(given, 1)}


def _mark(found: re.Match[str]) -> str:
    if found["name"]:
        return f"%({found['name']})s"
    if found["number"]:
        return f"%(_{found['number']})s"
    match found[0]:
        case "?":
            return "%s"
        case "%":
            return "%%"
        case quoted:
            return quoted.replace("%", "%%")
