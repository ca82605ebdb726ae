"""A page as it was, and nothing more: it looks the same, asks nothing of anybody and does nothing. Pure.

What is kept is listed, and everything else is left out: no script, no address, no style but the kit's. The lab's bar
goes too, for it stands beside the service and is no part of it.
"""

import re
from collections.abc import Iterator
from html import escape
from xml.etree.ElementTree import Element

import tinyhtml5  # type: ignore[import-untyped]  # it ships no types
from msgspec import Struct

DEPTH_MAX = 200
_LEFT_OUT = frozenset(
    {"script", "style", "template", "iframe", "frame", "object", "embed", "noscript", "link", "meta", "base", "head"}
    | {"audio", "video", "source", "track", "canvas", "math", "portal", "foreignobject"}
)
_TEXT = """
    a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em
    figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li main mark nav ol p pre q s samp section
    small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr
"""
_FORMS = "button datalist fieldset form input label legend meter optgroup option output progress select textarea"
_DRAWINGS = "svg path circle rect line polyline polygon ellipse g"
_SAID = """
    class id lang dir role title hidden for name type value checked selected placeholder rows cols multiple disabled
    readonly open scope colspan rowspan headers datetime alt start reversed size min max low high optimum
"""
_DRAWN = """
    width height viewBox d cx cy r rx ry x y x1 y1 x2 y2 points fill stroke stroke-width transform focusable
"""
_KEPT = frozenset(f"{_TEXT} {_FORMS} {_DRAWINGS}".split())
_ATTRIBUTES = frozenset(f"{_SAID} {_DRAWN}".split())
_VOID = frozenset({"br", "col", "hr", "img", "input", "wbr"})
_REACHED = frozenset({"button", "input", "select", "summary", "textarea"})
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml)[;,][^\s]*")
_ARIA = re.compile(r"aria-[a-z]+")
_MODES = ("light", "dark")


class Still(Struct, frozen=True, kw_only=True):
    """What is left of a page: the markup of its body, and whether it was by day or by night, if it said so."""

    body: str
    mode: str | None = None


def still(html: str) -> Still:
    """Return what may be shown again of a page."""
    page = tinyhtml5.parse(html, namespace_html_elements=False)
    body = page.find("body")
    mode = page.get("data-theme")
    markup = "" if body is None else "".join(_inside(body, depth=0))
    return Still(body=markup.strip(), mode=mode if mode in _MODES else None)


def _inside(element: Element, *, depth: int) -> Iterator[str]:
    yield escape(element.text or "", quote=False)
    for child in element:
        yield from _element(child, depth=depth + 1)
        yield escape(child.tail or "", quote=False)


def _element(element: Element, *, depth: int) -> Iterator[str]:
    tag: object = element.tag
    if not isinstance(tag, str) or depth > DEPTH_MAX:  # A comment, or nobody's page.
        return
    name = tag.rpartition("}")[2]
    if name.lower() in _LEFT_OUT or _is_lab_bar(element):
        return
    if name not in _KEPT:
        yield from _inside(element, depth=depth)
        return
    yield f"<{name}{''.join(_attributes(element, name))}>"
    if name not in _VOID:
        # The parser eats a first line break here, as browsers do.
        yield "\n" if name in ("pre", "textarea") else ""
        yield from _inside(element, depth=depth)
        yield f"</{name}>"


def _attributes(element: Element, name: str) -> Iterator[str]:
    for key, value in element.attrib.items():
        is_picture = key == "src" and name == "img" and _PICTURE.fullmatch(value)
        is_said = (key in _ATTRIBUTES or _ARIA.fullmatch(key)) and "url(" not in value.lower()
        if is_picture or is_said:
            yield f' {key}="{escape(value)}"'
    if name in _REACHED:
        yield ' tabindex="-1"'


def _is_lab_bar(element: Element) -> bool:
    classes = element.get("class", "").split()
    return "lab-bar" in classes and "trial-bar" not in classes
