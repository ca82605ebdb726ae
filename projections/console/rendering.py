"""Pages from templates: one Jinja environment that escapes everything, and the headers of every answer."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response

from ledger.domain.vocabulary import Channel
from projections.console import charts, moments
from projections.console.data import Reader
from projections.console.frame import LANGUAGES, THEMES, Frame
from projections.console.inboxes import SHOWS
from projections.console.texts import text

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
STATIC_PATH = "/console/static"
FEED_LENGTH = 12

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Vary": "Accept-Language, Cookie",
    "X-Content-Type-Options": "nosniff",
}


@cache
def environment() -> Environment:
    """Return the templates, read once."""
    templates = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {"asset": asset, "channels": tuple(Channel), "charts": charts}
    templates.globals |= {"languages": LANGUAGES, "themes": THEMES, "shows": SHOWS}
    return templates


@cache
def asset(name: str) -> str:
    """Return the address of a static file, which changes with its content."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{STATIC_PATH}/{name}?v={digest}"


def page(template: str, frame: Frame, reader: Reader, **values: object) -> Response[str]:
    """Return a page, or a part of one, in the reader's language."""
    names = reader.names()
    words = _words(frame) | {"frame": frame, "name_of": partial(name_of, names), "position": reader.position()}
    return answer(template, frame, words | values)


def problem(frame: Frame, title: str, lead: str) -> Response[str]:
    """Return the page that says that something is not there."""
    return answer("problem.html", frame, _words(frame) | {"frame": frame, "title": title, "lead": lead}, status=404)


def answer(template: str, frame: Frame, values: Mapping[str, object], *, status: int = 200) -> Response[str]:
    """Return a filled template with the headers and cookies of every page."""
    return Response(
        environment().get_template(template).render(values),
        status_code=status,
        media_type=MediaType.HTML,
        headers=HEADERS | {"Content-Language": frame.language},
        cookies=list(frame.cookies),
    )


def name_of(names: Mapping[str, str], authority: str | None, service: str | None = None) -> str:
    """Return the name of a service, even handed over, or of an authority; its code where it has no name."""
    if service is None:
        return names.get(authority or "", authority or "")
    known = names.get(f"{authority}/{service}")
    return known or next((name for code, name in names.items() if code.endswith(f"/{service}")), service)


def _words(frame: Frame) -> dict[str, object]:
    spoken: dict[str, Callable[..., str]] = {
        "t": text,
        "number": moments.number,
        "hours": moments.hours,
        "duration": moments.duration,
        "clock": moments.clock,
        "short_day": moments.short_day,
        "long_day": moments.long_day,
        "short_moment": moments.short_moment,
        "size": moments.size,
    }
    bound: dict[str, object] = {name: partial(spell, language=frame.language) for name, spell in spoken.items()}
    return bound | {"language": frame.language, "now": frame.now}
