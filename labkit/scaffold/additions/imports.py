"""One more name imported by a module, where the project's linter would have it: sections, modules, names in order."""

import ast
import re
import sys
from collections.abc import Collection

from labkit.scaffold.additions.layout import Term, exploded
from labkit.scaffold.additions.places import Code

_FUTURE, _STANDARD, _THIRD, _OWN = range(4)


def with_names(code: Code, module: str, names: Collection[str], *, package: str, width: int) -> str:
    """Return the text of a module that imports some names from another, and all that it imported before.

    Raises:
        BeyondRecognition: the line that imports from it holds comments, or imports everything.
    """
    known = next((node for node in _imports(code) if _module_of(node, package) == module), None)
    if known is None:
        statement = _statement(f"from {module} import", sorted(names, key=_order), width)
        return _with_new(code, statement, module=module, package=package)
    assert isinstance(known, ast.ImportFrom)  # noqa: S101  # only those have a module that can be equal
    imported = {alias.name for alias in known.names}
    if set(names) <= imported:
        return code.text
    source = code.source(known)
    if "#" in source or "*" in imported:
        raise code.beyond("add.import-commented")
    written = {f"{alias.name} as {alias.asname}" if alias.asname else alias.name for alias in known.names}
    head = source.partition(" import")[0] + " import"
    statement = _statement(head, sorted(written | set(names), key=_order), width, split="\n" in source)
    return code.text[: code.start(known)] + statement + code.text[code.end(known) :]


def _with_new(code: Code, statement: str, *, module: str, package: str) -> str:
    text, rank = code.text, (_section(module, package), True, _natural(module))
    earlier = [node for node in _imports(code) if _rank(node, package) < rank]
    later = [node for node in _imports(code) if _rank(node, package) > rank]
    beside = [node for node in (*earlier[-1:], *later[:1]) if _rank(node, package)[0] == rank[0]]
    if earlier and (earlier[-1] in beside or not later):
        at = code.line_end(code.end(earlier[-1]))
        return text[:at] + ("\n" if beside else "\n\n") + statement + text[at:]
    if later:
        at = code.start(later[0])
        return text[:at] + statement + ("\n" if beside else "\n\n") + text[at:]
    docstring = code.tree.body[0] if code.tree.body and ast.get_docstring(code.tree) is not None else None
    at = code.end(docstring) if docstring else 0
    return text[:at] + ("\n\n" if docstring else "") + statement + ("" if docstring else "\n\n\n") + text[at:]


def _statement(head: str, names: list[str], width: int, *, split: bool = False) -> str:
    plain = f"{head} {', '.join(names)}"
    return exploded(Term(f"{head} ", tuple(names)), width) if split or len(plain) > width else plain


def _imports(code: Code) -> list[ast.Import | ast.ImportFrom]:
    return [node for node in code.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]


def _module_of(node: ast.Import | ast.ImportFrom, package: str) -> str:
    """Return what a statement imports from; `import a, b` is told by its first."""
    if isinstance(node, ast.Import):
        return f"import {node.names[0].name}"
    if node.level == 1:
        return f"{package}.{node.module}" if node.module else package
    return node.module or ""


def _rank(node: ast.Import | ast.ImportFrom, package: str) -> tuple[int, bool, list[str]]:
    """Return where a statement stands among others: in its section, plain imports come first."""
    module = _module_of(node, package).removeprefix("import ")
    return _section(module, package), isinstance(node, ast.ImportFrom), _natural(module)


def _section(module: str, package: str) -> int:
    root = module.partition(".")[0]
    if root == "__future__":
        return _FUTURE
    if root in sys.stdlib_module_names:
        return _STANDARD
    return _OWN if root == package else _THIRD


def _order(name: str) -> tuple[int, list[str]]:
    """Return where a name stands among those of one statement: constants, types, the rest."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[0].isupper() else 2
    return kind, _natural(name.lower())


def _natural(text: str) -> list[str]:
    """Return a text such that `day2` comes before `day10`."""
    return [part.zfill(10) if part.isdigit() else part for part in re.split(r"([0-9]+)", text)]
