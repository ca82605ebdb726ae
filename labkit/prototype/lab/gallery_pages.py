"""The gallery of pages: each one live, with what it is made of beside it. Nothing that is typed here is recorded."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from msgspec.structs import replace

from labkit.prototype.events import name_of, split
from labkit.prototype.journey import answered, asking
from labkit.prototype.lab.gallery import Pattern, patterns
from labkit.prototype.lab.specimen import Specimen, specimen_of
from labkit.prototype.personas import suggested
from labkit.prototype.questions import read_form
from labkit.prototype.service import Page
from labkit.prototype.serving import Asked, Prototype, form_of, typed


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes of the gallery."""

    @get("/_lab/{lang:str}/gallery", sync_to_thread=False)
    def gallery(request: Asked) -> Response[str]:
        """Show all patterns."""
        return prototype.page("lab_gallery.html", request, names=list(patterns()))

    @get("/_lab/{lang:str}/gallery/{name:str}", sync_to_thread=False)
    def pattern_page(request: Asked) -> Response[str]:
        """Show one pattern: its page, and what it is made of."""
        return prototype.page("lab_pattern.html", request, pattern=_pattern_of(request))

    @get("/_lab/{lang:str}/gallery/{name:str}/{page_name:str}", sync_to_thread=False)
    def specimen(request: Asked) -> Response[str]:
        """Show a page of a pattern as a citizen would see it."""
        return _shown(prototype, request)

    @post("/_lab/{lang:str}/gallery/{name:str}/{page_name:str}", status_code=200)
    async def try_out(request: Asked) -> Response[str]:
        """Say what the service would have received, or what is wrong."""
        form, (live, page) = await form_of(request), _live(prototype, request)
        read = read_form(page.event, form, live.texts)
        if read.event is None:
            return _shown(prototype, request, typed=typed(form), errors=read.errors)
        facts, content = split(read.event)
        later = live.service.pages[live.service.pages.index(page) + 1 :]
        sealed = msgspec.json.decode(content) if content else {}
        received = {"name": name_of(read.event), "facts": facts, "sealed": sealed}
        text = msgspec.json.format(msgspec.json.encode(received), indent=2).decode()
        view = replace(prototype.view(request), lab=False)
        return prototype.pages.page("lab_sent.html", view, live.texts, received=text, following=next(iter(later), page))

    return [gallery, pattern_page, specimen, try_out]


def _shown(
    prototype: Prototype, request: Asked, *, typed: dict[str, Any] | None = None, errors: dict[str, str] | None = None
) -> Response[str]:
    live, page = _live(prototype, request)
    asked = asking(
        live.service,
        live.case,
        page,
        live.texts,
        typed=typed,
        suggested=suggested(live.persona, page.event),
        errors=errors,
    )
    template = f"{_pattern_of(request).name}/page.html"
    return prototype.pages.page(
        template if _pattern_of(request).source("page.html") else "page.html",
        replace(prototype.view(request), lab=False),
        live.texts,
        status=422 if errors else 200,
        prototype=prototype,
        case=live.case,
        asked=asked,
        answered=answered(live.service, live.case, live.texts),
    )


def _live(prototype: Prototype, request: Asked) -> tuple[Specimen, Page]:
    pattern = _pattern_of(request)
    page = next((page for page in pattern.pages() if page.name == request.path_params["page_name"]), None)
    if page is None:
        raise NotFoundException
    return specimen_of(pattern, prototype.texts(prototype.view(request).language)), page


def _pattern_of(request: Asked) -> Pattern:
    pattern = patterns().get(request.path_params["name"])
    if pattern is None:
        raise NotFoundException
    return pattern
