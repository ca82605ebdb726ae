"""Tables put into the TOML files of a project: at the end of its texts, and after the other answers of a persona.

The rest of a file keeps its comments and its blank lines, for it is only ever added to.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit

from labkit.scaffold.additions.failures import BeyondRecognition
from labkit.scaffold.additions.fields import Value

_HEADER = re.compile(r"^\[+\s*([\"']?)([^\"'.\]]+?)\1\s*[.\]]")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def read_tables(text: str, *, file: str, by_hand: str) -> dict[str, Any]:
    """Return what a file holds.

    Raises:
        BeyondRecognition: it is not TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BeyondRecognition("add.not-toml", file=file, by_hand=by_hand) from error


def table(header: str, values: Mapping[str, Value]) -> str:
    """Return a table as text; keys may be dotted."""
    lines = (f"{key} = {_value(value)}\n" for key, value in values.items())
    return f"[{header}]\n{''.join(lines)}"


def with_table(text: str, block: str) -> str:
    """Return a text with one more table at its end."""
    return f"{text.rstrip()}\n\n{block.rstrip()}\n".lstrip()


def with_answers(text: str, persona: str, blocks: str, *, file: str) -> str:
    """Return the personas with more answers of one of them, after what is already said of that persona.

    Raises:
        BeyondRecognition: the file is written in another way than by tables of each persona.
    """
    lines, last, inside = text.splitlines(), None, False
    for rank, line in enumerate(lines):
        if header := _HEADER.match(line):
            inside = header[2] == persona
        if inside and line.strip() and not line.startswith("#"):
            last = rank
    if last is None:
        raise BeyondRecognition("add.no-persona", file=file, by_hand=blocks.strip())
    rest = "\n".join(lines[last + 1 :])
    whole = "\n".join(lines[: last + 1]) + f"\n\n{blocks.strip()}\n" + (f"{rest}\n" if rest.strip() else "")
    added, wanted = tomllib.loads(blocks)[persona]["answers"], tomllib.loads(text)
    wanted[persona].setdefault("answers", {}).update(added)
    if tomllib.loads(whole) != wanted:
        raise BeyondRecognition("add.no-persona", file=file, by_hand=blocks.strip())
    return whole


def header_of(*parts: str) -> str:
    """Return the name of a table, its parts in quotes where they need them."""
    return ".".join(part if _BARE.fullmatch(part) else tomlkit.item(part).as_string() for part in parts)


def _value(value: Value) -> str:
    return tomlkit.item(value).as_string()
