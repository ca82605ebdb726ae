"""One running prototype as an application: its channels, the agents' desk, the lab, behind one address."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar, MediaType, Response, get
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import HTTPException, NotFoundException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.response import Redirect
from litestar.static_files import create_static_files_router

from labkit.prototype import desk
from labkit.prototype.failures import BrokenProject, CannotBeKept, UnknownCase
from labkit.prototype.lab import pages as lab
from labkit.prototype.lab.looks import theme_file
from labkit.prototype.look.theme import css_of, read_theme
from labkit.prototype.project import Project
from labkit.prototype.rendering import STATIC_FOLDERS, STATIC_PATH, View
from labkit.prototype.serving import Asked, Prototype, language_of, mode_of, preferred, see, shows_lab
from labkit.prototype.visiting import THEME
from ledger.domain.errors import Refusal
from ledger.domain.vocabulary import Channel

YEAR_S = 31_536_000
BODY_SIZE_MAX_BYTES = 20_000_000


def create_prototype(prototype: Prototype, *, also: Sequence[Any] = (), lifespans: Sequence[Any] = ()) -> Litestar:
    """Return the application; `also` adds route handlers, `lifespans` what lives as long as it serves."""
    rooms = rooms_of(prototype.project)
    handlers = [handler for room in rooms for handler in room.routes(prototype)]

    @asynccontextmanager
    async def open_rooms(_: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for room in rooms:
                if hasattr(room, "serving"):
                    await stack.enter_async_context(room.serving(prototype))
            yield

    return Litestar(
        route_handlers=[*handlers, *desk.routes(prototype), *lab.routes(prototype), *_common(prototype), *also],
        exception_handlers=_problems(prototype),
        before_request=refuse_other_sites,
        request_max_body_size=BODY_SIZE_MAX_BYTES,
        lifespan=[open_rooms, *lifespans],
        openapi_config=None,
        logging_config=None,
    )


def rooms_of(project: Project) -> list[ModuleType]:
    """Return the rooms of the channels that have routes."""
    return [import_module(f"labkit.prototype.channels.{channel.value}") for channel in answering(project)]


def answering(project: Project) -> list[Channel]:
    """Return the channels that have routes: those of the project, and the pages, which every prototype has."""
    return list(dict.fromkeys((Channel.WEB, *project.channels())))


async def refuse_other_sites(request: Asked) -> None:
    """Refuse a form that a page elsewhere made the browser send."""
    origin = request.headers.get("origin")
    if request.method == "POST" and origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(status_code=403, detail="This form was sent from another site.")


def _common(prototype: Prototype) -> list[Any]:
    static = create_static_files_router(
        path=STATIC_PATH,
        directories=[folder for folder in STATIC_FOLDERS if folder.is_dir()],
        cache_control=CacheControlHeader(max_age=YEAR_S, public=True, immutable=True),
    )

    @get("/theme.css", sync_to_thread=False, media_type=MediaType.CSS)
    def theme(request: Asked) -> Response[str]:
        """Return the authority's colours, or those that the lab tries on."""
        text = css_of(read_theme(theme_file(prototype.project.folder, request.cookies.get(THEME))))
        return Response(text, media_type=MediaType.CSS, headers={"Cache-Control": "no-cache"})

    @get("/", sync_to_thread=False)
    def front(request: Asked) -> Redirect:
        """Send the reader to the first page in their language."""
        return see(f"/{preferred(request.headers.get('accept-language', ''), prototype.project.languages)}")

    @get("/health", sync_to_thread=False)
    def health() -> dict[str, int]:
        """Say that the prototype serves, and where its ledger ends."""
        return {"position": prototype.cases.position()}

    @get("/robots.txt", sync_to_thread=False, media_type=MediaType.TEXT)
    def robots() -> str:
        """Ask search engines to stay away: what they keep outlives what is tried here."""
        return "User-agent: *\nDisallow: /\n"

    return [static, theme, front, health, robots]


def _problems(prototype: Prototype) -> dict[int | type[Exception], Any]:
    def page(request: Asked, title: str, lead: str, status: int) -> Response[str]:
        language = language_of(request.url.path) or prototype.project.languages[0]
        texts = prototype.texts(language)
        mode, lab = mode_of(request.cookies.get("mode")), shows_lab(request, language)
        view = View(language=language, path=f"/{language}", mode=mode, lab=lab)
        about = {"prototype": prototype, "trial": None if lab else prototype.trial(request)}
        return prototype.pages.page("problem.html", view, texts, status=status, title=texts(title), lead=lead, **about)

    def unknown(request: Asked, _: Exception) -> Response[str]:
        language = language_of(request.url.path) or prototype.project.languages[0]
        return page(request, "site.not-found", prototype.texts(language)("site.not-found-lead"), 404)

    def refused(request: Asked, refusal: Refusal) -> Response[str]:
        language = language_of(request.url.path) or prototype.project.languages[0]
        return page(request, "site.refused", refusal.message(language), 409)

    def not_kept(request: Asked, failure: CannotBeKept) -> Response[str]:
        language = language_of(request.url.path) or prototype.project.languages[0]
        return page(request, "site.refused", failure.message(language), 422)

    def too_large(request: Asked, _: Exception) -> Response[str]:
        language = language_of(request.url.path) or prototype.project.languages[0]
        return page(request, "documents.too-large", prototype.texts(language)("documents.too-large-lead"), 413)

    def broken(request: Asked, failure: BrokenProject) -> Response[str]:
        # No page can be trusted to show it: the file that broke may be the one that its words are in.
        language = language_of(request.url.path) or "en"
        return Response(failure.message(language), status_code=500, media_type=MediaType.TEXT)

    return {
        BrokenProject: broken,
        CannotBeKept: not_kept,
        NotFoundException: unknown,
        UnknownCase: unknown,
        Refusal: refused,
        RequestEntityTooLarge: too_large,
    }
