"""From a refusal or a failure to an HTTP problem (RFC 9457): the one table of statuses."""

import logging
from http import HTTPStatus
from traceback import format_tb
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap
from msgspec import Struct

from ledger.api.languages import preferred_language
from ledger.api.validation import explain_validation
from ledger.api.wording import GENERAL
from ledger.domain.errors import REFUSALS, Refusal
from ledger.domain.vocabulary import Language
from ledger.store.database import StoreError, StoreIsBusy, StoreIsFull
from ledger.store.vault import VaultError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1

_HEADERS_OF_STATUS: dict[int, dict[str, str]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": str(RETRY_AFTER_S)},
}

STATUS_OF_REFUSAL: dict[str, HTTPStatus] = {
    "unknown-case": HTTPStatus.NOT_FOUND,
    "unknown-interaction": HTTPStatus.NOT_FOUND,
    "unknown-citizen": HTTPStatus.NOT_FOUND,
    "unknown-document-request": HTTPStatus.NOT_FOUND,
    "unknown-authority": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown-service": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid-siren": HTTPStatus.UNPROCESSABLE_ENTITY,
    "particulars-do-not-fit": HTTPStatus.UNPROCESSABLE_ENTITY,
    "nothing-to-correct": HTTPStatus.UNPROCESSABLE_ENTITY,
    "occurred-in-the-future": HTTPStatus.UNPROCESSABLE_ENTITY,
    "citizen-is-forgotten": HTTPStatus.GONE,
}
"""A refusal that is not named here is a conflict with the state of the case: 409."""


class Problem(Struct, frozen=True, kw_only=True):
    """What went wrong, for a program (`type`, `status`) and for a person (`title`, `detail`)."""

    type: str
    title: str
    status: int
    detail: str


class Malformed(Exception):
    """The request is not what the route takes."""

    def __init__(self, code: str, *, reason: str = "", **details: str) -> None:
        """Keep which of the general problems it is, what its text names, and what a decoder said."""
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.details = details


def language_of(request: Request[Any, Any, Any]) -> Language:
    """Return the language that the caller asked for."""
    return preferred_language(request.headers.get("accept-language", ""))


def problem_of_refusal(refusal: Refusal, language: Language) -> Problem:
    """Return the problem of a refusal."""
    status = STATUS_OF_REFUSAL.get(refusal.code, HTTPStatus.CONFLICT)
    return _problem(refusal.code, status, refusal.message(language))


def general_problem(code: str, language: Language, **details: str) -> Problem:
    """Return one of the problems that are no rule's refusal."""
    status, en, fr = GENERAL[code]
    return _problem(code, status, (fr if language == "fr" else en).format(**details))


def known_problem(code: str, language: Language) -> Problem | None:
    """Return a problem as it is documented at `/problems/{code}`, its particulars left open."""
    if code in REFUSALS:
        kind = REFUSALS[code]
        status = STATUS_OF_REFUSAL.get(code, HTTPStatus.CONFLICT)
        return _problem(code, status, kind.fr if language == "fr" else kind.en)
    if code in GENERAL:
        status, en, fr = GENERAL[code]
        return _problem(code, status, fr if language == "fr" else en)
    return None


def respond(problem: Problem, headers: dict[str, str] | None = None) -> Response[Problem]:
    """Answer with a problem; what may pass by itself says when to ask again, what wants a token says so."""
    told = {**_HEADERS_OF_STATUS.get(problem.status, {}), **(headers or {})}
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=told)


def _problem(code: str, status: HTTPStatus, detail: str) -> Problem:
    return Problem(type=f"/problems/{code}", title=code.replace("-", " "), status=status, detail=detail)


def _malformed(request: Request[Any, Any, Any], error: Malformed) -> Response[Problem]:
    language = language_of(request)
    reason = explain_validation(error.reason, language)
    return respond(general_problem(error.code, language, reason=reason, **error.details))


def _unavailable(request: Request[Any, Any, Any], error: StoreError | VaultError) -> Response[Problem]:
    codes: dict[type[Exception], str] = {StoreIsFull: "disk-full", StoreIsBusy: "busy"}
    return respond(general_problem(codes.get(type(error), "store-unavailable"), language_of(request)))


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    code = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}.get(error.status_code, "bad-request")
    return respond(general_problem(code, language_of(request)), error.headers)


def _defect(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    # An error's message may hold what the request held, so its kind and its place are all that is logged.
    place = "".join(format_tb(error.__traceback__))
    log.error("A request to %s met a defect, %s:\n%s", request.route_handler, type(error).__name__, place)
    return respond(general_problem("defect", language_of(request)))


PROBLEM_HANDLERS: ExceptionHandlersMap = {
    Malformed: _malformed,
    StoreError: _unavailable,
    VaultError: _unavailable,
    HTTPException: _http,
    Exception: _defect,
}
