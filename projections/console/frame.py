"""How a reader wants to be served: language, appearance, and the address they are at."""

from datetime import UTC, datetime
from typing import Annotated, Literal, cast, get_args
from urllib.parse import urlencode

from litestar import Request
from litestar.datastructures import Cookie, State
from litestar.params import Dependency
from msgspec import Struct

from ledger.domain.vocabulary import Language

Theme = Literal["auto", "light", "dark"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
THEMES: tuple[Theme, ...] = get_args(Theme)
PREFERENCES = ("lang", "theme")
YEAR_S = 365 * 24 * 3600


Now = Annotated[datetime, Dependency()]


class Frame(Struct, frozen=True, kw_only=True):
    """What surrounds every page."""

    language: Language
    theme: Theme
    now: datetime
    path: str
    query: tuple[tuple[str, str], ...] = ()
    cookies: tuple[Cookie, ...] = ()

    def here(self, **changes: str | None) -> str:
        """Return the address of this page with some parameters changed; `None` takes one away."""
        kept = dict(self.query) | changes
        query = urlencode({name: value for name, value in kept.items() if value})
        return f"{self.path}?{query}" if query else self.path


def frame_of(request: Request[object, object, State], clock_now: Now) -> Frame:
    """Read a reader's wishes from the address, else from their cookies, else from their browser."""
    wishes = {name: request.query_params.get(name) or request.cookies.get(name) for name in PREFERENCES}
    lang, theme = wishes["lang"], wishes["theme"]
    accepted = request.headers.get("accept-language", "")
    language = cast("Language", lang) if lang in LANGUAGES else preferred_language(accepted)
    return Frame(
        language=language,
        theme=cast("Theme", theme if theme in THEMES else "auto"),
        now=clock_now,
        path=request.url.path,
        query=tuple((name, str(value)) for name, value in request.query_params.items() if name not in PREFERENCES),
        cookies=() if "hx-request" in request.headers else _cookies(request, lang=lang, theme=theme),
    )


def _cookies(request: Request[object, object, State], **wishes: str | None) -> tuple[Cookie, ...]:
    known = {"lang": LANGUAGES, "theme": THEMES}
    return tuple(
        Cookie(name, value=value, max_age=YEAR_S, httponly=True, samesite="lax")
        for name, value in wishes.items()
        if name in request.query_params and value in known[name]
    )


def preferred_language(accepted: str) -> Language:
    """Return the language that a browser asks for first; French when it asks for none of ours."""
    ranked: list[tuple[float, int, Language]] = []
    for rank, offer in enumerate(accepted.lower().split(",")):
        tag, _, quality = offer.strip().partition(";q=")
        asked = tag.partition("-")[0]
        ranked.extend((-_quality(quality), rank, language) for language in LANGUAGES if language == asked)
    return min(ranked)[2] if ranked else "fr"


def _quality(written: str) -> float:
    try:
        return float(written or 1)
    except ValueError:
        return 0.0


def clock() -> datetime:
    """Return the present moment, at the edge where it is allowed."""
    return datetime.now(UTC)
