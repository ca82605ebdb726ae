"""What `service.py` declares: the call `SERVICE = Service(...)`, and one more item in one of its tuples."""

import ast
from collections.abc import Sequence

from labkit.scaffold.additions.layout import INDENT, Term, exploded, laid_out
from labkit.scaffold.additions.places import Code

KEYWORDS = ("pages", "desk", "rules", "events", "variants", "measures")
_NAME = "SERVICE"


def service_of(code: Code) -> ast.Call:
    """Return the call that declares the service.

    Raises:
        BeyondRecognition: there is none.
    """
    for node in code.tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and target.id == _NAME and isinstance(value, ast.Call):
            return value
    raise code.beyond("add.no-service")


def named_in(code: Code) -> set[str]:
    """Return every name that the declaration speaks of."""
    return {node.id for node in ast.walk(service_of(code)) if isinstance(node, ast.Name)}


def calls_in(code: Code, keyword: str) -> dict[str, ast.Call]:
    """Return the items of a tuple that are calls, by their first argument: pages and variants by their names."""
    found = (item for item in _items(code, keyword) if isinstance(item, ast.Call) and item.args)
    named = ((item.args[0], item) for item in found)
    return {str(first.value): item for first, item in named if isinstance(first, ast.Constant)}


def keys_in(code: Code, keyword: str) -> list[str]:
    """Return the keys of a dictionary of the declaration."""
    value = _value(code, keyword)
    keys = value.keys if isinstance(value, ast.Dict) else []
    return [str(key.value) for key in keys if isinstance(key, ast.Constant)]


def with_item(code: Code, keyword: str, item: Term | str, *, width: int, after: ast.expr | None = None) -> str:
    """Return the text of the module with one more item in a tuple or a dictionary, at its end or after another item.

    Raises:
        BeyondRecognition: there is no service, or the keyword holds something else.
    """
    call = service_of(code)
    if call.lineno == call.end_lineno:
        # On one line there is no room: the call is opened first, and its positions are read again.
        opened = Code(_opened(code, call, width), file=code.file, by_hand=code.by_hand)
        # Only the last item can be on the same line as the call and be asked for; names tell it again.
        return with_item(opened, keyword, item, width=width, after=_same(opened, keyword, code, after))
    value = _value(code, keyword)
    if value is None:
        return _with_keyword(code, call, keyword, item, width=width)
    if value.lineno == value.end_lineno:
        return _with_opened_items(code, value, item, after, width=width)
    return _with_line(code, value, item, after, width=width)


def _same(opened: Code, keyword: str, code: Code, item: ast.expr | None) -> ast.expr | None:
    if item is None:
        return None
    return next(found for found in _items(opened, keyword) if opened.source(found) == code.source(item))


def _opened(code: Code, call: ast.Call, width: int) -> str:
    parts = "".join(f"{INDENT}{laid_out(code.source(each), width, after=',')}\n" for each in call.keywords)
    return f"{code.text[: code.end(call.func)]}(\n{parts}){code.text[code.end(call) :]}"


def _with_keyword(code: Code, call: ast.Call, keyword: str, item: Term | str, *, width: int) -> str:
    earlier = KEYWORDS[: KEYWORDS.index(keyword)]
    before = [each for each in call.keywords if each.arg in earlier]
    if not before:
        raise code.beyond("add.no-service")
    indent = code.indent(code.start(before[-1].value))
    brackets = "{}" if keyword == "measures" else "()"
    line = f"{indent}{keyword}={_written([item], brackets, width, indent=indent)},"
    return code.with_line(code.end(before[-1].value), line)


def _with_opened_items(code: Code, value: ast.expr, item: Term | str, after: ast.expr | None, *, width: int) -> str:
    indent = code.indent(code.start(value))
    spans = _spans(code, value)
    written: list[Term | str] = [code.text[start:end] for start, end in spans]
    written.insert(_rank(code, spans, after), item)
    start, end = code.start(value), code.end(value)
    brackets = f"{code.text[start]}{code.text[end - 1]}"
    return f"{code.text[:start]}{_written(written, brackets, width, indent=indent)}{code.text[end:]}"


def _written(items: Sequence[Term | str], brackets: str, width: int, *, indent: str) -> str:
    """Return items between brackets, one a line; the comma of a tuple of one holds no line open, so it has one line."""
    whole = Term("", tuple(items), brackets)
    if brackets == "()" and len(items) == 1 and len(indent) + len(f"variants={whole},") <= width:
        return str(whole)
    return exploded(whole, width, indent=indent)


def _with_line(code: Code, value: ast.expr, item: Term | str, after: ast.expr | None, *, width: int) -> str:
    spans = _spans(code, value)
    rank = _rank(code, spans, after)
    indent = code.indent(spans[0][0]) if spans else code.indent(code.end(value)) + INDENT
    line = laid_out(item, width, indent=indent, after=",")
    if not spans:
        # Nothing but comments: the item goes on the line before the bracket that closes.
        at = code.text.rfind("\n", 0, code.end(value))
        return code.text[:at] + f"\n{indent}{line}" + code.text[at:]
    return code.with_line(spans[rank - 1][1], f"{indent}{line}")


def _rank(code: Code, spans: Sequence[tuple[int, int]], after: ast.expr | None) -> int:
    """Return how many items come before the new one."""
    if after is None:
        return len(spans)
    return next(rank for rank, (_, end) in enumerate(spans, 1) if end == code.end(after))


def _spans(code: Code, value: ast.expr) -> list[tuple[int, int]]:
    if isinstance(value, ast.Dict):
        pairs = zip(value.keys, value.values, strict=True)
        return [(code.start(key) if key else code.start(of) - len("**"), code.end(of)) for key, of in pairs]
    assert isinstance(value, ast.Tuple)  # noqa: S101  # nothing else passes `_value`
    return [(code.start(item), code.end(item)) for item in value.elts]


def _items(code: Code, keyword: str) -> list[ast.expr]:
    value = _value(code, keyword)
    return value.elts if isinstance(value, ast.Tuple) else []


def _value(code: Code, keyword: str) -> ast.Tuple | ast.Dict | None:
    value = next((each.value for each in service_of(code).keywords if each.arg == keyword), None)
    if value is None or isinstance(value, ast.Dict if keyword == "measures" else ast.Tuple):
        return value
    raise code.beyond("add.not-a-tuple")
