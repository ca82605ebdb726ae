"""What the pages of the lab share: their addresses, and going back to the page that a form was sent from."""

import re

from labkit.prototype.questions import Form
from labkit.prototype.serving import LAB_PATH, one

CASES_MAX = 50
# Of this site alone: a path, without spaces and without what browsers take for another host.
_LOCAL = re.compile(r"/(?![/\\])[^\s\\]{0,500}")


def lab(language: str, *parts: object) -> str:
    """Return the address of a page of the lab."""
    return "/".join((LAB_PATH, language, *map(str, parts)))


def here_of(form: Form, otherwise: str) -> str:
    """Return the page that a form says it was sent from, if it is one of ours."""
    here = one(form, "here")
    return here if _LOCAL.fullmatch(here) else otherwise


def number_of(text: str, *, least: int, most: int) -> int:
    """Return a whole number within bounds, the greatest when it is none."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(most)) + 2 else most
    return min(max(number, least), most)
