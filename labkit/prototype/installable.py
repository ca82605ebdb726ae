"""What puts the mobile application on a telephone: its manifest, its icon, its modules and its service worker.

Modules are served under an address that changes with their content, so that a telephone never mixes two versions;
they name each other relatively, and so stay together.
"""

from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, get
from litestar.exceptions import NotFoundException

from labkit.prototype.look.theme import Theme, read_theme
from labkit.prototype.project import Project
from labkit.prototype.rendering import asset
from labkit.prototype.serving import Asked, Prototype
from labkit.prototype.texts import Texts

MODULES = Path(__file__).parent / "static" / "mobile"
ICON_PATH = "/mobile/icon.svg"
LETTER_SIZES = (300, 230, 170, 130)
SCRIPT = "text/javascript"
KEPT = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
ASKED_AGAIN = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
_ICON = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512" width="512" height="512">
<rect width="512" height="512" fill="{accent}"/>
<text x="256" y="256" text-anchor="middle" dominant-baseline="central" font-family="{family}" font-weight="700"
 font-size="{size}" fill="{on_accent}">{letters}</text>
</svg>
"""


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes of what a telephone fetches once."""
    project = prototype.project

    @get("/{lang:str}/m/manifest.webmanifest", sync_to_thread=False)
    def manifest(request: Asked) -> Response[bytes]:
        """Say how the application installs, in one language."""
        texts = prototype.texts(prototype.view(request).language)
        content = msgspec.json.encode(manifest_of(project, texts))
        return Response(content, media_type="application/manifest+json", headers=ASKED_AGAIN)

    @get(ICON_PATH, sync_to_thread=False)
    def icon() -> Response[str]:
        """Draw the authority's letters."""
        return Response(icon_of(project), media_type="image/svg+xml", headers=ASKED_AGAIN)

    @get("/sw.js", sync_to_thread=False)
    def worker() -> Response[str]:
        """Return the service worker, from the root: its scope is the application's address in each language."""
        return Response(service_worker(project), media_type=SCRIPT, headers=ASKED_AGAIN)

    @get("/mobile/{version:str}/{name:str}", sync_to_thread=False)
    def module(request: Asked) -> Response[bytes]:
        """Return one module of the present version; a telephone that asks for another loads the page again."""
        modules = {module_path(file.name): file for file in _modules()}
        if request.url.path not in modules:
            raise NotFoundException
        return Response(modules[request.url.path].read_bytes(), media_type=SCRIPT, headers=KEPT)

    return [manifest, icon, worker, module]


def manifest_of(project: Project, texts: Texts) -> dict[str, Any]:
    """Return what a telephone must know to install the application."""
    colours = _theme(project).light
    start = f"/{texts.language}/m"
    icon = {"src": ICON_PATH, "sizes": "any", "type": "image/svg+xml"}
    return {
        "id": start,
        "name": texts("service.title"),
        "description": texts("service.lead"),
        "lang": texts.language,
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "background_color": colours.ground,
        "theme_color": colours.accent_soft,
        "icons": [icon | {"purpose": "any"}, icon | {"purpose": "maskable"}],
    }


def icon_of(project: Project) -> str:
    """Return the authority's letters on its colour; they stay clear of the edge, which a telephone may cut."""
    theme = _theme(project)
    letters = theme.logo.text or project.manifest.service.authority_name[:1]
    return _ICON.format(
        accent=theme.light.accent,
        on_accent=theme.light.on_accent,
        family=escape(theme.type.family),
        size=LETTER_SIZES[len(letters) - 1],
        letters=escape(letters),
    )


def module_path(name: str) -> str:
    """Return the present address of one module."""
    version = sha256(b"".join(file.read_bytes() for file in _modules())).hexdigest()[:12]
    return f"/mobile/{version}/{name}"


def service_worker(project: Project) -> str:
    """Return the worker that keeps the application's files; it changes with them, which makes browsers renew it."""
    files = [asset("prototype.css"), "/theme.css", ICON_PATH, *(module_path(file.name) for file in _modules())]
    version = sha256("".join(files).encode()).hexdigest()[:12]
    shell = {"service": project.manifest.service.code, "version": version, "files": files}
    return f"self.SHELL = {msgspec.json.encode(shell).decode()};\nimportScripts('{module_path('worker.js')}');\n"


def _modules() -> list[Path]:
    return sorted(MODULES.glob("*.js"))


def _theme(project: Project) -> Theme:
    return read_theme(project.folder / "theme.toml")
