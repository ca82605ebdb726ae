"""The HTML of one page, read strictly: what a browser would have to guess, and what a reader could not use.

It is no judge of style: what axe finds in a real browser is not looked for here.
"""

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from msgspec import Struct
from tinyhtml5.parser import HTMLParser  # type: ignore[import-untyped]  # it ships no types

from labkit.checks.findings import Finding
from labkit.checks.visits import Address, Visit

_FIELDS = ("input", "select", "textarea")
_NEED_NO_LABEL = ("hidden", "submit", "button", "image", "reset")
_FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "audio": "src", "video": "src"}
_FETCHED |= {"link": "href", "embed": "src", "object": "data", "form": "action"}
ERRORS_MAX = 5


class Document(Struct, frozen=True):
    """A page as the standard says that it is to be read, and the errors that browsers pass over: line and kind.

    What is in a `<template>` is apart: it is no part of the page before a script copies it.
    """

    visit: Visit
    root: Element
    errors: tuple[tuple[int, str], ...]
    templates: tuple[Element, ...] = ()


def read(visit: Visit) -> Document:
    """Read a page."""
    parser = HTMLParser(namespace_html_elements=False)
    root = parser.parse(visit.html)
    errors = tuple((line, error.replace("-", " ")) for (line, _), error, _ in parser.errors)
    templates = [(template, part) for template in list(root.iter("template")) for part in list(template)]
    for template, part in templates:
        template.remove(part)
    return Document(visit, root, errors, tuple(part for _, part in templates))


def check_markup(document: Document) -> Iterator[Finding]:
    """Find what is wrong in a page."""
    page, address = document.root, document.visit.address
    where, language = address.label, address.path.split("/")[1]
    for line, error in document.errors[:ERRORS_MAX]:
        yield _found(where, "check.html", "check.mend-html", line=str(line), error=error)
    for name in _twice(page):
        yield _found(where, "check.same-id", "check.other-id", id=name)
    for name in _unlabelled(page):
        yield _found(where, "check.no-label", "check.add-label", field=name)
    for name in _labels_alone(page):
        yield _found(where, "check.no-field", "check.point-label", label=name)
    titles, later = len(list(page.iter("h1"))), any(list(part.iter("h1")) for part in document.templates)
    if titles != 1 and not (later and not titles):
        yield _found(where, "check.h1", "check.one-h1", count=str(titles))
    if page.get("lang") != language:
        yield _found(where, "check.lang", "check.set-lang", lang=page.get("lang") or "–", language=language)
    for asked in _elsewhere(page):
        yield _found(where, "check.elsewhere", "check.bring-here", address=asked)


def links_of(document: Document) -> list[str]:
    """Return where a page leads inside the prototype."""
    links = dict.fromkeys(link.get("href", "") for link in document.root.iter("a"))
    return [link for link in links if not link.startswith(("http:", "https:", "mailto:", "tel:", "//"))]


def doors_of(documents: list[Document]) -> list[Address]:
    """Return the further pages that citizens are shown the way to: where other channels begin."""
    known = {document.visit.address.path for document in documents}
    first = ((document.visit.address.path, links_of(document)) for document in documents if document.visit.is_first)
    links = dict.fromkeys(link for path, found in first for link in found if link.startswith(f"{path}/"))
    return [Address(link, link) for link in links if link not in known]


def ids_of(document: Document) -> set[str]:
    """Return what a link may point to in a page."""
    return {name for element in document.root.iter() if (name := element.get("id"))}


def _found(where: str, what: str, mend: str, **details: str) -> Finding:
    return Finding(severity="error", where=where, what=what, mend=mend, details=details)


def _twice(page: Element) -> list[str]:
    counted = Counter(element.get("id") for element in page.iter())
    return [name for name, times in counted.items() if name and times > 1]


def _unlabelled(page: Element) -> list[str]:
    labelled = {label.get("for") for label in page.iter("label")}
    inside = {id(field) for label in page.iter("label") for field in label.iter()}
    fields = (field for field in page.iter() if field.tag in _FIELDS and field.get("type") not in _NEED_NO_LABEL)
    return [
        field.get("name") or field.get("id") or field.tag
        for field in fields
        if id(field) not in inside
        and field.get("id") not in labelled - {None}
        and not any(field.get(name) for name in ("aria-label", "aria-labelledby", "title"))
    ]


def _labels_alone(page: Element) -> list[str]:
    known = {element.get("id") for element in page.iter()}
    return [
        "".join(label.itertext()).strip() or label.get("for", "")
        for label in page.iter("label")
        if not (label.get("for") in known if label.get("for") else any(field.tag in _FIELDS for field in label.iter()))
    ]


def _elsewhere(page: Element) -> list[str]:
    fetched = (element.get(_FETCHED[element.tag], "") for element in page.iter() if element.tag in _FETCHED)
    sets = (part.split() for element in page.iter() for part in element.get("srcset", "").split(","))
    sources = (part[0] for part in sets if part)
    styles = (element.get("style", "") for element in page.iter())
    found = [address for address in (*fetched, *sources) if address.startswith(("http:", "https:", "//"))]
    return [*found, *(style for style in styles if "url(" in style)]
