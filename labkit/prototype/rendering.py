"""Pages from templates: the project's own first, then the kit's; one environment that escapes everything."""

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response
from msgspec import Struct

from labkit.prototype import look
from labkit.prototype.changes import run_of
from labkit.prototype.project import Project
from labkit.prototype.texts import Texts
from ledger.domain.vocabulary import Language

FOLDER = Path(__file__).parent
LOOK = Path(look.__file__).parent
STATIC_PATH = "/static"
STATIC_FOLDERS = (LOOK / "static", FOLDER / "static")

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; worker-src 'self'; base-uri 'none'; form-action 'self';"
        " frame-ancestors 'self'; object-src 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


class View(Struct, frozen=True, kw_only=True):
    """Who looks at a page, and how: the language, the address, and what the lab shows beside it."""

    language: Language
    path: str
    lab: bool = True
    case_id: str | None = None
    mode: str | None = None
    persona: str | None = None


class Pages:
    """Fills the templates of one project."""

    def __init__(self, project: Project) -> None:
        """Look for templates in the project, then in the kit."""
        self._project = project
        folders = (project.package / "pages", FOLDER / "templates", FOLDER / "lab" / "patterns", LOOK / "templates")
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {"asset": asset}

    def has(self, template: str) -> bool:
        """Tell whether the project has a template of its own."""
        return (self._project.package / "pages" / template).is_file()

    def text(self, template: str, view: View, texts: Texts, **values: object) -> str:
        """Return a filled template."""
        return self._environment.get_template(template).render(self._words(view, texts) | values)

    def page(self, template: str, view: View, texts: Texts, *, status: int = 200, **values: object) -> Response[str]:
        """Return a filled template as an answer."""
        return Response(
            self.text(template, view, texts, **values),
            status_code=status,
            media_type=MediaType.HTML,
            headers=HEADERS | {"Content-Language": view.language},
        )

    def _words(self, view: View, texts: Texts) -> dict[str, object]:
        project = self._project
        path_in: Callable[[str], str] = lambda language: in_language(view.path, language)  # noqa: E731
        return {
            "lang": view.language,
            "t": texts,
            "texts": texts,
            "project": {
                "name": texts("service.title"),
                "authority_name": project.manifest.service.authority_name,
                "is_prototype": project.manifest.project.phase != "production",
            },
            "view": view,
            "path_in": path_in,
            "mode": view.mode,
            "css_href": asset("prototype.css"),
            "theme_href": "/theme.css",
            "lab_bar": view.lab,
            "lab_run": run_of(project.folder) if view.lab else "",
            "channels": project.channels(),
            "languages": project.languages,
        }


def in_language(path: str, language: str) -> str:
    """Return the address of the same page in another language."""
    return re.sub(r"^(/_lab)?/(fr|en)(?=/|$)", rf"\1/{language}", path)


def asset(name: str) -> str:
    """Return the address of a static file, which changes with its content."""
    file = next((folder / name for folder in STATIC_FOLDERS if (folder / name).is_file()), None)
    if file is None:
        raise LookupError(f"there is no static file {name}")
    return f"{STATIC_PATH}/{name}?v={sha256(file.read_bytes()).hexdigest()[:12]}"
