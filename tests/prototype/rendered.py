"""Renders the look's macros and its frame, and reads the HTML that comes out."""

from html.parser import HTMLParser

from jinja2 import DictLoader, Environment, FileSystemLoader, StrictUndefined

from labkit.prototype.look.theme import THEMES

TEMPLATES = FileSystemLoader(THEMES.parent / "templates")
NASTY = "<script>alert(\"1\")</script> & 'plus'"


def templates() -> Environment:
    return Environment(
        loader=TEMPLATES, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def said(macro: str, *given: object, **named: object) -> "Html":
    return Html(str(getattr(templates().get_template("fields.html").module, macro)(*given, **named)))


class Html(HTMLParser):
    """The elements of a piece of HTML, which must be well nested."""

    VOID = frozenset({"input", "br", "img", "meta", "link", "path"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"{tag} says something twice: {attrs}"
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self._open.pop() == tag

    def every(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]

    def ids(self) -> list[str | None]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


def framed(blocks: str, *, lang: str = "fr", is_prototype: bool = True, **more: object) -> str:
    templates_ = templates()
    templates_.loader = DictLoader(
        {"page.html": '{% extends "layout.html" %}' + blocks}
        | {name: TEMPLATES.get_source(templates_, name)[0] for name in TEMPLATES.list_templates()}
    )
    given = {
        "lang": lang,
        "t": "texte {}".format,
        "project": {"name": "Cantine", "authority_name": "Valmarsan", "is_prototype": is_prototype},
        "path_in": lambda language: f"/{language}",
        "theme_href": "/theme.css",
        "css_href": "/prototype.css",
        "lab_bar": False,
    }
    return templates_.get_template("page.html").render(given | more)
