"""`labkit add page --like PATTERN`: a page of the gallery copied, with what it is made of, under names that are free.

Its event keeps the name that the gallery shows, unless the project has that one: then it is named after the page.
"""

import ast
import re
from collections.abc import Mapping
from functools import partial

from msgspec import Struct

from labkit.prototype.events import stem_of
from labkit.prototype.lab.gallery import Pattern, patterns
from labkit.scaffold.additions.definitions import defined_in, events_in, with_aliases, with_definition
from labkit.scaffold.additions.drafts import Drafts
from labkit.scaffold.additions.event import events_code, import_into, put_words
from labkit.scaffold.additions.failures import NameTaken, UnknownPattern
from labkit.scaffold.additions.fields import Value
from labkit.scaffold.additions.names import Name, read_name
from labkit.scaffold.additions.page import STANDARD, NewPage, Place, has_page, put_page
from labkit.scaffold.additions.places import Code
from labkit.scaffold.additions.samples import put_answers

_RULES_DOCSTRING = '"""What follows from an event, and what is asked when. Pure."""\n'


class Renamed(Struct, frozen=True):
    """What a pattern calls things, and what the project will."""

    stems: Mapping[str, str]
    names: Mapping[str, str]

    def code(self, text: str) -> str:
        """Return code under the project's names."""
        for old, new in self.names.items():
            text = re.sub(rf"\b{old}\b", new, text)
        for old, new in self.stems.items():
            text = text.replace(f'"{old}.', f'"{new}.')
        return text

    def header(self, text: str) -> str:
        """Return a table of words under the project's name of its event."""
        return re.sub(r"^\[([^\]]+)\]", lambda found: f"[{self.stems.get(found[1], found[1])}]", text)


def find_pattern(name: str) -> Pattern:
    """Return a pattern of the gallery.

    Raises:
        UnknownPattern: it has none of that name.
    """
    if name not in patterns():
        raise UnknownPattern(name=name, known=", ".join(patterns()))
    return patterns()[name]


def add_page_like(drafts: Drafts, name: Name, pattern: Pattern, place: Place) -> None:
    """Add the pages of a pattern, the first under the name that was asked for.

    Raises:
        BeyondRecognition, NameTaken, UnknownPage: the project cannot be edited so.
    """
    if has_page(drafts, name):
        return
    renamed = _renamed(drafts, name, pattern)
    _copy_events(drafts, pattern, renamed)
    condition = _copy_rules(drafts, pattern, renamed)
    for language in drafts.project.languages:
        for block in re.split(r"^(?=\[)", pattern.source(f"{language}.toml"), flags=re.MULTILINE)[1:]:
            words = renamed.header(block)
            put_words(drafts, language, words[1 : words.index("]")], words)
    template, before = renamed.code(pattern.source("page.html")) or STANDARD, place.after
    for rank, kind in enumerate(pattern.kinds):
        page = name if rank == 0 else Name((*name.words, str(rank + 1)))
        at = Place(after=before, desk=place.desk)
        event = renamed.names[kind.__name__]
        put_page(drafts, NewPage(page, event, when=condition if rank else None, template=template), at)
        before = page.stem if before else None
    for stem, answers in pattern.sample().items():
        put_answers(drafts, renamed.stems[stem], partial(dict[str, Value], answers))


def _renamed(drafts: Drafts, name: Name, pattern: Pattern) -> Renamed:
    code = events_code(drafts, by_hand=pattern.name)
    taken, stems, names = defined_in(code), dict[str, str](), dict[str, str]()
    for kind in pattern.kinds:
        stem, type_name = stem_of(kind), kind.__name__
        if stem in events_in(code) or type_name in taken:
            own = read_name(f"{name.stem}-{stem.rpartition('-')[2]}")
            stem, type_name = own.stem, own.type_name
            if stem in events_in(code) or type_name in taken:
                raise NameTaken(name=stem, file=code.file)
        stems[stem_of(kind)], names[kind.__name__] = stem, type_name
    first = names[pattern.kinds[0].__name__]
    for alias, source in _aliases(pattern).items():
        if taken.get(alias, source) != source:
            names[alias] = f"{first}{alias}"
    return Renamed(stems, names)


def _aliases(pattern: Pattern) -> dict[str, str]:
    """Return the types that a pattern gives names to, as it writes them."""
    code = _code(pattern, "event.py")
    assigned = (node.targets[0] for node in code.tree.body if isinstance(node, ast.Assign))
    wanted = {target.id for target in assigned if isinstance(target, ast.Name)}
    return {name: source for name, source in defined_in(code).items() if name in wanted}


def _copy_events(drafts: Drafts, pattern: Pattern, renamed: Renamed) -> None:
    copied = _code(pattern, "event.py")
    own = events_code(drafts, by_hand=", ".join(f"class {renamed.names[kind.__name__]}" for kind in pattern.kinds))
    taken = defined_in(own)
    wanted = {renamed.names.get(alias, alias): renamed.code(source) for alias, source in _aliases(pattern).items()}
    text = with_aliases(own, [source for alias, source in wanted.items() if alias not in taken])
    for node in copied.tree.body:
        if isinstance(node, ast.ClassDef):
            text = with_definition(text, renamed.code(copied.source(node)))
    drafts.change(own.file, text)
    _copy_imports(drafts, copied, "events.py", renamed)


def _copy_rules(drafts: Drafts, pattern: Pattern, renamed: Renamed) -> str | None:
    """Add the functions that the further pages of a pattern depend on; return the name of the condition."""
    if not pattern.source("rules.py"):
        return None
    copied, path = _code(pattern, "rules.py", package=drafts.package), drafts.own("rules.py")
    text = drafts.read(path) or _RULES_DOCSTRING
    first = next(iter(renamed.names.values()))
    taken = defined_in(Code(text, file=path, by_hand=f"def {pattern.condition()}"))
    condition = pattern.condition()
    if condition in taken:
        condition = f"{condition}_{read_name(first).variable}"
    for node in copied.tree.body:
        if isinstance(node, ast.FunctionDef):
            function = re.sub(rf"\b{pattern.condition()}\b", condition, renamed.code(copied.source(node)))
            text = with_definition(text, function)
    drafts.change(path, text)
    _copy_imports(drafts, copied, "rules.py", renamed)
    import_into(drafts, "service.py", f"{drafts.package}.rules", [condition])
    return condition


def _copy_imports(drafts: Drafts, copied: Code, module: str, renamed: Renamed) -> None:
    for node in copied.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [renamed.names.get(alias.name, alias.name) for alias in node.names]
            import_into(drafts, module, node.module, names)


def _code(pattern: Pattern, file: str, *, package: str = "your_service") -> Code:
    return Code(pattern.source(file, package), file=file, by_hand=pattern.name)
