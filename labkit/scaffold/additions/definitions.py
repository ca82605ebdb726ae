"""What the modules of a project define: one more alias before the events, one more event or function at the end."""

import ast

from labkit.scaffold.additions.places import Code


def events_in(code: Code) -> dict[str, str]:
    """Return the names of the types of events by the stem of their public names."""
    tags = {node.name: _tag(node) for node in code.tree.body if isinstance(node, ast.ClassDef)}
    return {tag.rpartition(".")[0]: name for name, tag in tags.items() if tag}


def defined_in(code: Code) -> dict[str, str]:
    """Return how each name of a module is defined; what is imported counts, without a definition to show."""
    found: dict[str, str] = {}
    for node in code.tree.body:
        match node:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found |= {alias.asname or alias.name: "" for alias in names}
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                found[name] = code.source(node)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = code.source(node)
            case _:
                pass
    return found


def with_aliases(code: Code, aliases: list[str]) -> str:
    """Return the text of a module with more aliases, before its first type."""
    if not aliases:
        return code.text
    before = _until_first_type(code.tree.body)
    if not before:
        return "\n".join(aliases) + f"\n\n\n{code.text}"
    at = code.line_end(code.end(before[-1]))
    gap = "\n" if isinstance(before[-1], ast.Assign | ast.AnnAssign) else "\n\n"
    return code.text[:at] + gap + "\n".join(aliases) + code.text[at:]


def with_definition(text: str, definition: str) -> str:
    """Return the text of a module with one more type or function at its end."""
    return f"{text.rstrip()}\n\n\n{definition.rstrip()}\n"


def _until_first_type(body: list[ast.stmt]) -> list[ast.stmt]:
    types = (rank for rank, node in enumerate(body) if isinstance(node, ast.ClassDef | ast.FunctionDef))
    return body[: next(types, len(body))]


def _tag(node: ast.ClassDef) -> str:
    tag = next((each.value for each in node.keywords if each.arg == "tag"), None)
    return str(tag.value) if isinstance(tag, ast.Constant) else ""
