"""The page of the gallery, in both languages, made from the templates themselves.

`python docs/gallery.py` writes it under `docs/`. Its pictures stand there as comments, which the site's hook replaces
by those that `pictures.py` has taken: none is committed, and none that is missing breaks the site.
"""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import msgspec

from labkit.prototype.events import ServiceEvent, name_of, stem_of
from labkit.prototype.kit_events import KIT_EVENTS
from labkit.prototype.project import Project
from labkit.prototype.service import Service, always
from labkit.reference_texts import Said, table, typeset
from labkit.scaffold.catalogue import Kind, Template, templates
from labkit.scaffold.render import render
from ledger.domain.vocabulary import Language

DOCS = Path(__file__).parent
LANGUAGES: tuple[Language, ...] = get_args(Language)
ROOMS: dict[str, tuple[Kind, ...]] = {
    "service": ("base", "service"),
    "channel": ("channel",),
    "other": ("integrator", "lab"),
}
SERVING: tuple[Kind, ...] = ("base", "channel", "service")
# A channel has one place of its own; a service is used on any screen.
VIEWS: dict[str, tuple[str, ...]] = {"channel": ("wide",), "channel-mobile": ("narrow",)}


def write(docs: Path) -> None:
    """Write the page in both languages."""
    with TemporaryDirectory() as folder:
        services = {name: Project(render(name, {}, Path(folder))) for name in _of(ROOMS["service"])}
        for language in LANGUAGES:
            (docs / language).mkdir(parents=True, exist_ok=True)
            (docs / language / "gallery.md").write_text(page(language, services), encoding="utf-8")


def page(language: Language, services: dict[str, Project]) -> str:
    """Return the page in one language; services are told with what is in them."""
    blocks = [f"# {_said('title', language)}", _said("made", language)]
    for room, kinds in ROOMS.items():
        blocks += [f"## {_said(room, language)}", _said(f"{room}-lead", language)]
        for name, template in _of(kinds).items():
            blocks += _entry(template, services.get(name), language)
    return "\n\n".join(blocks) + "\n"


def views_of(template: Template) -> tuple[str, ...]:
    """Return on which screens a template is shown."""
    return VIEWS.get(template.name) or VIEWS.get(template.kind) or ("wide", "narrow")


def picture_of(name: str, view: str, language: Language) -> str:
    """Return the address of a picture, from the pages of one language."""
    return f"assets/gallery/{name}-{view}-{language}.png"


def _entry(template: Template, project: Project | None, language: Language) -> Iterator[str]:
    title = _set(template.title.to(language), language)
    yield f"### {title} {{ #{template.name} }}"
    yield _set(template.description.to(language), language)
    if template.kind in SERVING:
        shown = [
            f"<!-- picture ![{_said(view, language, title=title)}]({picture_of(template.name, view, language)}) -->"
            for view in views_of(template)
        ]
        yield "\n".join(('<div class="pictures" markdown>', *shown, "</div>"))
    if project is not None:
        yield from _contents(project, language)
    yield f"```sh\nlabkit new {template.name}\n```"


def _contents(project: Project, language: Language) -> Iterator[str]:
    service, texts = project.service(), project.texts(language)
    columns = [_said(name, language) for name in ("event", "means", "comes")]
    kinds = [kind for kind in service.kinds.values() if kind not in KIT_EVENTS]
    yield table(
        columns,
        [
            [
                f"`{name_of(kind)}`",
                _set(texts(f"{stem_of(kind)}.title"), language),
                _said(_origin(service, kind), language),
            ]
            for kind in kinds
        ],
    )
    told = [_said("on", language, channels=", ".join(c.label(language).lower() for c in project.channels()))]
    if service.variants:
        shown = (f"`{feature.feature}` ({', '.join(feature.variants)})" for feature in service.variants)
        told.append(_said("variants", language, variants=", ".join(shown)))
    if service.measures:
        told.append(_said("measures", language, measures=", ".join(f"`{name}`" for name in service.measures)))
    yield " ".join(told)


def _origin(service: Service, kind: type[ServiceEvent]) -> str:
    asked = next((page for page in service.pages if page.event is kind), None)
    if asked is not None:
        return "page" if asked.when is always else "page-when"
    return "desk" if any(page.event is kind for page in service.desk) else "rules"


def _of(kinds: tuple[Kind, ...]) -> dict[str, Template]:
    return {name: template for name, template in templates().items() if template.kind in kinds}


def _said(key: str, language: Language, **details: str) -> str:
    text = _words()[key].to(language)
    return text.format(**details) if details else text


def _set(text: str, language: Language) -> str:
    return typeset(text) if language == "fr" else text


@cache
def _words() -> dict[str, Said]:
    return msgspec.toml.decode((DOCS / "gallery.toml").read_bytes(), type=dict[str, Said])


if __name__ == "__main__":
    write(Path(sys.argv[1]) if sys.argv[1:] else DOCS)
