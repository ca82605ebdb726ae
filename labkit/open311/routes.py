"""The Open311 server over HTTP: GeoReport v2 under `/open311/v2`, its discovery, and what its users miss.

The ending of an address chooses the notation. Whatever goes wrong is answered as Open311 asks, as a list of errors.
"""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from traceback import format_tb
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ExceptionHandlersMap

from labkit.open311.consulting import Consultation
from labkit.open311.desk import Call, Desk, Reply
from labkit.open311.documents import FORMATS, MEDIA_TYPES, Format, write
from labkit.open311.errors import Refused, refused
from labkit.open311.failures import BadOpen311File
from labkit.open311.parameters import Parameters, read_form
from labkit.open311.receiving import Reception
from ledger.api.languages import preferred_language
from ledger.domain.vocabulary import Language
from ledger.store.database import StoreError
from ledger.store.vault import VaultError

log = logging.getLogger(__name__)

HOME = "/open311"
BODY_SIZE_MAX_BYTES = 65_536
FORM = "application/x-www-form-urlencoded"
IDEMPOTENCY_KEY_MAX = 200

_HTTP_ERRORS = {
    404: "open311-error.no-such-resource",
    405: "open311-error.no-such-method",
    413: "open311-error.too-large",
}

Asked = Request[Any, Any, Any]
Answering = Callable[[Call], Awaitable[Reply]]


def open311_routes(desk: Desk) -> Router:
    """Return every route of the Open311 server."""
    consultation = Consultation(desk)
    reception = Reception(desk, consultation)
    return Router(
        path=HOME,
        route_handlers=[
            _reading(desk, ["/discovery", "/v2/discovery"], consultation.discovery),
            _reading(desk, ["/v2/services"], consultation.services),
            _naming(desk, "/v2/services", consultation.definition),
            _reading(desk, ["/v2/requests"], consultation.requests),
            _naming(desk, "/v2/requests", consultation.request),
            _naming(desk, "/v2/tokens", consultation.token),
            _reading(desk, ["/v2/servicerequestupdates"], consultation.updates),
            _writing(desk, "/v2/requests", reception.request),
            _writing(desk, "/v2/servicerequestupdates", reception.update),
        ],
        exception_handlers=_HANDLERS,
        request_max_body_size=BODY_SIZE_MAX_BYTES,
    )


def with_open311(handlers: ExceptionHandlersMap) -> ExceptionHandlersMap:
    """Return an application's handlers, with Open311's own for what is asked below its address and is not there."""
    otherwise = handlers[HTTPException]

    def handle(request: Asked, error: HTTPException) -> Response[Any]:
        here = f"{request.url.path}/".startswith(f"{HOME}/")
        return _http(request, error) if here else otherwise(request, error)

    return {**handlers, HTTPException: handle}


def _reading(desk: Desk, paths: list[str], answer: Answering) -> HTTPRouteHandler:
    @get([f"{path}.{notation}" for path in paths for notation in FORMATS], summary=answer.__doc__)
    async def handle(request: Asked) -> Response[bytes]:
        return await _answered(desk, request, answer, Parameters(request.query_params.multi_items()))

    return handle


def _naming(desk: Desk, path: str, answer: Answering) -> HTTPRouteHandler:
    @get(f"{path}/{{named:str}}", summary=answer.__doc__)
    async def handle(request: Asked) -> Response[bytes]:
        if _notation(request) is None:
            raise refused(HTTPStatus.NOT_FOUND, "open311-error.no-such-resource")
        return await _answered(desk, request, answer, Parameters(request.query_params.multi_items()))

    return handle


def _writing(desk: Desk, path: str, answer: Answering) -> HTTPRouteHandler:
    @post([f"{path}.{notation}" for notation in FORMATS], summary=answer.__doc__)
    async def handle(request: Asked) -> Response[bytes]:
        if request.content_type[0] != FORM:
            raise refused(HTTPStatus.BAD_REQUEST, "open311-error.not-a-form", form=FORM)
        return await _answered(desk, request, answer, read_form(await request.body()))

    return handle


async def _answered(desk: Desk, request: Asked, answer: Answering, given: Parameters) -> Response[bytes]:
    secret = given.text("api_key") or request.query_params.get("api_key", "") or request.headers.get("api-key", "")
    again = request.headers.get("idempotency-key")
    if again is not None and not 0 < len(again) <= IDEMPOTENCY_KEY_MAX:
        raise refused(HTTPStatus.BAD_REQUEST, "open311-error.bad-idempotency-key", most=IDEMPOTENCY_KEY_MAX)
    call = Call(
        given=given,
        reader=desk.reader(secret, _language(request)),
        secret=secret,
        url=f"{request.base_url}".rstrip("/") + f"{HOME}/v2",
        named=str(request.path_params.get("named", "")).rpartition(".")[0],
        body=await request.body() if request.method == "POST" else b"",
        told_again_by=again,
    )
    reply = await answer(call)
    return _respond(request, reply, {"Cache-Control": "no-store"} if secret else {})


def _respond(request: Asked, reply: Reply, headers: dict[str, str]) -> Response[bytes]:
    notation = _notation(request) or "xml"
    media_type = MEDIA_TYPES[notation]
    told = {
        "Content-Type": f"{media_type}; charset=utf-8",
        "Content-Language": _language(request),
        "Vary": "Accept-Language, Api-Key",
        **headers,
    }
    body = write(reply.root, reply.value, notation)
    return Response(body, status_code=reply.status, media_type=media_type, headers=told)


def _notation(request: Asked) -> Format | None:
    ending = request.url.path.rpartition(".")[2]
    return next((notation for notation in FORMATS if notation == ending), None)


def _language(request: Asked) -> Language:
    return preferred_language(request.headers.get("accept-language", ""))


def _refused(request: Asked, error: Refused) -> Response[bytes]:
    told = [one.told(_language(request)) for one in error.complaints]
    headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else {}
    return _respond(request, Reply(root="errors", value=list(told), status=error.status), headers)


def _http(request: Asked, error: HTTPException) -> Response[bytes]:
    status = HTTPStatus(error.status_code) if error.status_code in _HTTP_ERRORS else HTTPStatus.BAD_REQUEST
    response = _refused(request, refused(status, _HTTP_ERRORS.get(status, "open311-error.bad-request")))
    response.headers.update(error.headers or {})
    return response


def _unavailable(request: Asked, error: StoreError | VaultError | BadOpen311File) -> Response[bytes]:
    log.error("Open311 cannot answer: %s", error)
    return _refused(request, refused(HTTPStatus.SERVICE_UNAVAILABLE, "open311-error.unavailable"))


def _defect(request: Asked, error: Exception) -> Response[bytes]:
    # An error's message may hold what the request held, so its kind and its place are all that is logged.
    place = "".join(format_tb(error.__traceback__))
    log.error("An Open311 request met a defect, %s:\n%s", type(error).__name__, place)
    return _refused(request, refused(HTTPStatus.INTERNAL_SERVER_ERROR, "open311-error.defect"))


_HANDLERS: ExceptionHandlersMap = {
    Refused: _refused,
    HTTPException: _http,
    StoreError: _unavailable,
    VaultError: _unavailable,
    BadOpen311File: _unavailable,
    Exception: _defect,
}
