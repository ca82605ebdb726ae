"""Code laid out as the project's formatter would leave it: on one line where it fits, else one part a line.

A trailing comma after each part keeps the formatter from ever joining the lines again.
"""

from collections.abc import Sequence

from msgspec import Struct

INDENT = "    "
WIDTH_DEFAULT = 88


class Term(Struct, frozen=True):
    """Something with parts between brackets: a call, a subscript, a tuple."""

    head: str
    parts: tuple["Term | str", ...]
    brackets: str = "()"

    def __str__(self) -> str:
        """Return it on one line."""
        first, last = tuple(self.brackets)
        alone = "," if not self.head and len(self.parts) == 1 else ""
        return f"{self.head}{first}{', '.join(map(str, self.parts))}{alone}{last}"


def laid_out(term: Term | str, width: int, *, indent: str = "", before: str = "", after: str = "") -> str:
    """Return a term between other code, on as few lines as the width allows."""
    line = f"{before}{term}{after}"
    if isinstance(term, str) or len(indent) + len(line) <= width:
        return line
    return f"{before}{exploded(term, width, indent=indent)}{after}"


def exploded(term: Term, width: int, *, indent: str = "") -> str:
    """Return a term with one part a line."""
    first, last = tuple(term.brackets)
    within = indent + INDENT
    parts = "".join(f"{within}{laid_out(part, width, indent=within, after=',')}\n" for part in term.parts)
    return f"{term.head}{first}\n{parts}{indent}{last}"


def string(text: str) -> str:
    """Return a text as Python writes it, in the quotes that formatters prefer."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'


def strings(texts: Sequence[str]) -> tuple[str, ...]:
    """Return several texts as Python writes them."""
    return tuple(map(string, texts))
