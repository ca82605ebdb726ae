"""Pages to copy from: each pattern is a folder of what a page is made of, kept as a project keeps it.

`event.py` (the event, whose fields are the questions), `fr.toml` and `en.toml` (the words), `sample.toml` (what a
persona would answer), and where it takes more, `page.html` and `rules.py`. `labkit add page NAME --like PATTERN` copies
them.
"""

import ast
import re
import tomllib
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from runpy import run_path
from typing import Any

from msgspec import Struct

from labkit.prototype.events import ServiceEvent
from labkit.prototype.service import Page
from labkit.prototype.texts import read_words
from ledger.domain.vocabulary import Language

PATTERNS = Path(__file__).parent / "patterns"
ORDER = (
    "short-answers",
    "choices",
    "dates-and-amounts",
    "document",
    "condition",
    "notice",
    "letter",
    "summary",
    "ticket",
)


class Pattern(Struct, frozen=True, dict=True):
    """One page to copy, with whatever comes with it."""

    name: str

    @property
    def folder(self) -> Path:
        """Return where its files are."""
        return PATTERNS / self.name

    @cached_property
    def kinds(self) -> tuple[type[ServiceEvent], ...]:
        """Return its events in order; each is what one page asks for."""
        named = run_path(str(self.folder / "event.py")).values()
        return tuple(kind for kind in named if isinstance(kind, type) and ServiceEvent in kind.__bases__)

    def pages(self) -> tuple[Page, ...]:
        """Return its pages, named after the pattern."""
        names = (self.name, *(f"{self.name}-{rank}" for rank in range(2, len(self.kinds) + 1)))
        return tuple(Page(name, kind) for name, kind in zip(names, self.kinds, strict=True))

    def words(self, language: Language) -> dict[str, str]:
        """Return its words by their dotted keys."""
        return read_words(self.folder / f"{language}.toml")

    def sample(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what somebody could answer, by event and field."""
        return tomllib.loads((self.folder / "sample.toml").read_text(encoding="utf-8"))

    def source(self, file: str, package: str = "your_service") -> str:
        """Return the text of one of its files as a project's package would hold it, empty if it has no such file."""
        path, own = self.folder / file, f"labkit.prototype.lab.patterns.{self.name}.event"
        return path.read_text(encoding="utf-8").replace(own, f"{package}.events") if path.is_file() else ""

    def sample_source(self, persona: str) -> str:
        """Return what a persona would answer, as `personas.toml` holds it."""
        return re.sub(r"^\[", f"[{persona}.answers.", self.source("sample.toml"), flags=re.MULTILINE)

    def condition(self) -> str:
        """Return the rule on which its further pages depend."""
        rules = ast.parse(self.source("rules.py")).body
        return next(node.name for node in rules if isinstance(node, ast.FunctionDef))

    def declaration(self) -> str:
        """Return its pages as they are written in `service.py`."""
        first, *others = (f'Page("{page.name}", {page.event.__name__}' for page in self.pages())
        condition = f", when={self.condition()}" if others else ""
        return "\n".join([f"{first}),", *(f"{other}{condition})," for other in others)])


@cache
def patterns() -> dict[str, Pattern]:
    """Return all patterns by name, the simplest first."""
    return {name: Pattern(name) for name in ORDER}
