"""From what cannot be answered to an HTTP problem (RFC 9457), in the caller's language."""

import logging
import re
from http import HTTPStatus
from traceback import format_tb
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap
from msgspec import Struct

from ledger.domain.vocabulary import Language
from projections import VIEWS
from projections.keys import BadCursor
from projections.live import TooManyListeners
from projections.reader import UnknownView
from projections.watch import Behind
from projections.wording import FORMS, OF_THE_VIEWS, OF_THE_WHOLE

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1

_SAID = {**OF_THE_VIEWS, **OF_THE_WHOLE}
_OFFER = re.compile(r"(en|fr)(?:-[a-z0-9-]+)?(?:\s*;\s*q=([01](?:\.[0-9]{0,3})?))?", re.IGNORECASE)


class Problem(Struct, frozen=True, kw_only=True):
    """What went wrong, for a program (`type`, `status`) and for a person (`title`, `detail`)."""

    type: str
    title: str
    status: int
    detail: str


class NotReady(Exception):
    """The views are not fit to be read, for these reasons."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        """Keep the codes of the reasons."""
        super().__init__(", ".join(reasons))
        self.reasons = reasons


class Unanswerable(Exception):
    """The request asks for what the read side does not have, or in a way that it does not take."""

    def __init__(self, code: str, **details: str) -> None:
        """Keep which problem it is, and what its text names."""
        super().__init__(code)
        self.code = code
        self.details = details


def preferred_language(accepted: str) -> Language:
    """Return the language of ours that is preferred, the first of equals; English where neither is asked for."""
    offers = []
    for rank, offer in enumerate(accepted.split(",")):
        known = _OFFER.fullmatch(offer.strip())
        quality = float(known[2] or 1) if known else 0.0
        if known and quality > 0:
            offers.append((-quality, rank, known[1].lower()))
    return "fr" if offers and min(offers)[2] == "fr" else "en"


def language_of(request: Request[Any, Any, Any]) -> Language:
    """Return the language that the caller asked for."""
    return preferred_language(request.headers.get("accept-language", ""))


def problem_of(code: str, language: Language, **details: str) -> Problem:
    """Return a problem; without details as it is documented, its particulars left open."""
    status, en, fr = _SAID[code]
    detail = fr if language == "fr" else en
    return Problem(
        type=f"/problems/{code}",
        title=code.replace("-", " "),
        status=status,
        detail=detail.format(**details) if details else detail,
    )


def _respond(request: Request[Any, Any, Any], code: str, **details: str) -> Response[Problem]:
    problem = problem_of(code, language_of(request), **details)
    again = {"Retry-After": str(RETRY_AFTER_S)} if problem.status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=again)


def _unanswerable(request: Request[Any, Any, Any], error: Unanswerable) -> Response[Problem]:
    forms = FORMS.get(error.details.get("parameter", ""), ("–", "–"))
    return _respond(request, error.code, **error.details, form=forms[language_of(request) == "fr"])


def _unknown_view(request: Request[Any, Any, Any], _: UnknownView) -> Response[Problem]:
    return _respond(request, "unknown-view", names=", ".join(view.name for view in VIEWS))


def _behind(request: Request[Any, Any, Any], error: Behind) -> Response[Problem]:
    return _respond(request, "view-behind", reached=str(error.reached), wanted=str(error.wanted))


def _bad_cursor(request: Request[Any, Any, Any], _: BadCursor) -> Response[Problem]:
    return _respond(request, "bad-cursor")


def _too_many(request: Request[Any, Any, Any], _: TooManyListeners) -> Response[Problem]:
    return _respond(request, "too-many-listeners")


def _not_ready(request: Request[Any, Any, Any], error: NotReady) -> Response[Problem]:
    return _respond(request, "not-ready", reason=", ".join(error.reasons))


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    code = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "bad-request")
    response = _respond(request, code)
    response.headers.update(error.headers or {})
    return response


def _defect(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    # An error's message may hold what the request held, so its kind and its place are all that is logged.
    place = "".join(format_tb(error.__traceback__))
    log.error("A request to %s met a defect, %s:\n%s", request.route_handler, type(error).__name__, place)
    return _respond(request, "defect")


HANDLERS_OF_THE_VIEWS: ExceptionHandlersMap = {
    Unanswerable: _unanswerable,
    UnknownView: _unknown_view,
    Behind: _behind,
    BadCursor: _bad_cursor,
    TooManyListeners: _too_many,
}
HANDLERS_OF_THE_WHOLE: ExceptionHandlersMap = {
    Unanswerable: _unanswerable,
    NotReady: _not_ready,
    HTTPException: _http,
    Exception: _defect,
}
