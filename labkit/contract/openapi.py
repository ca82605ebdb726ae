"""The whole site as an OpenAPI 3.1 document, made from its routes and structs: pure, but for the words beside the code.

Every problem that an address may answer is named, with its status: `type` is one of a list, so that programs can tell.
Open311 has a standard and a discovery of its own, and is no part of it.
"""

from collections.abc import Iterable
from http import HTTPStatus
from itertools import groupby
from typing import Any

import msgspec

from labkit.contract.operations import EVENT_STREAM, Answer, Operation, operations
from labkit.contract.shapes import body_of, components, questions, reference
from labkit.contract.texts import texts, typeset
from labkit.controls.commands import a_command_of_every_kind
from ledger.api.bodies import MADE_HERE
from ledger.api.commands import AGENT_FORM
from ledger.api.problems import MEDIA_TYPE as PROBLEM
from ledger.api.problems import STATUS_OF_REFUSAL
from ledger.api.wording import GENERAL
from ledger.domain.commands import COMMANDS, Command
from ledger.domain.errors import REFUSALS
from ledger.domain.events import BY_TAG
from ledger.domain.identifiers import Siren
from ledger.publishing.contract.asyncapi import CONTRACT_VERSION
from ledger.publishing.contract.schemas import ENVELOPE
from ledger.publishing.contract.structs import Schema, said
from projections import VIEWS
from projections.reader import INBOXES
from projections.wording import OF_THE_VIEWS

OPENAPI_VERSION = "3.1.0"
_TEXT: Schema = {"type": "string"}
_UUID: Schema = {"type": "string", "format": "uuid"}
_POSITION: Schema = {"type": "string", "pattern": "^[0-9]{1,18}$"}
_HEADERS: dict[str, Schema] = {
    "Agent": {"type": "string", "pattern": f"^{AGENT_FORM}$"},
    "Correlation-Id": _UUID,
    "Last-Event-ID": _POSITION,
    "Ledger-Position": {"type": "integer", "minimum": 0},
    "Retry-After": {"type": "integer", "minimum": 0},
}
_ALWAYS_SENT = ("Accept-Language",)
_SENT = (*_ALWAYS_SENT, "Agent", "Correlation-Id", "If-None-Match", "Last-Event-ID", "traceparent")
_OF_A_STATUS = {HTTPStatus.UNAUTHORIZED: "WWW-Authenticate", HTTPStatus.SERVICE_UNAVAILABLE: "Retry-After"}


def openapi() -> dict[str, Any]:
    """Return the document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations():
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    page = texts().page
    return {
        "openapi": OPENAPI_VERSION,
        "info": {
            "title": page["title"].en,
            "x-title-fr": page["title"].to("fr"),
            "version": CONTRACT_VERSION,
            **said(page["description"]),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": room, **said(words)} for room, words in texts().room.items()],
        "paths": paths,
        "components": {
            "schemas": components(),
            "parameters": {name: _request_header(name) for name in _SENT},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", **said(page["token"])}},
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    english, french = _summary(operation)
    return {
        "operationId": operation.name,
        "tags": [operation.room],
        "summary": english,
        "x-summary-fr": typeset(french),
        "parameters": [*_places(operation), *_queries(operation), *map(_sent, (*operation.headers, *_ALWAYS_SENT))],
        **_body(operation),
        "responses": {**_answers(operation), **_problems(operation.codes)},
        **({"security": [{"token": []}]} if operation.for_integrators else {}),
    }


def _summary(operation: Operation) -> tuple[str, str]:
    if operation.command:
        return (operation.command.__doc__ or "").strip(), texts().command[operation.name]
    words = texts().operation[operation.name]
    return words.en, words.fr


def _places(operation: Operation) -> Iterable[dict[str, Any]]:
    shapes = {"authority": msgspec.json.schema(Siren), **_CHOICES.get(operation.name, {})}
    for name in operation.places:
        words = "schema-name" if operation.name == "schema" else name
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": shapes.get(name, _UUID),
            **said(texts().parameter[words]),
        }


def _queries(operation: Operation) -> Iterable[dict[str, Any]]:
    for name, shape in questions(operation.query).items():
        words = f"{operation.room}-{name}" if f"{operation.room}-{name}" in texts().parameter else name
        yield {"name": name, "in": "query", "schema": shape, **said(texts().parameter[words])}


def _sent(header: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{header}"}


def _request_header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "schema": _HEADERS.get(name, _TEXT), **said(texts().header[name])}


def _body(operation: Operation) -> dict[str, Any]:
    if operation.command:
        shape = body_of(operation.command, operation.places)
        sample: dict[str, Any] = {"example": _sample(operation.command, operation.places)}
    elif operation.body:
        shape = reference(operation.body)
        sample = {"example": [_sample(kind, ()) for kind in COMMANDS]}
    else:
        return {}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": shape, **sample}}}}


def _sample(kind: type[Command], elsewhere: Iterable[str]) -> dict[str, Any]:
    found = next(command for command in a_command_of_every_kind() if type(command) is kind)
    left_out = {*elsewhere, *(MADE_HERE if elsewhere else ())}
    return {name: value for name, value in msgspec.to_builtins(found).items() if name not in left_out}


def _answers(operation: Operation) -> dict[str, Any]:
    return {str(status): _answer(answer) for status, answer in operation.answers.items()}


def _answer(answer: Answer) -> dict[str, Any]:
    shape = reference(answer.shape) if answer.shape else _TEXT if answer.media_type == EVENT_STREAM else {}
    return {
        **said(texts().answer[answer.said]),
        **({"headers": _headers(answer.headers)} if answer.headers else {}),
        **({"content": {answer.media_type: {"schema": shape}}} if answer.media_type else {}),
    }


def _problems(codes: Iterable[str]) -> dict[str, Any]:
    by_status = groupby(sorted(codes, key=_status_of), key=_status_of)
    return {str(int(status)): _problem(status, list(found)) for status, found in by_status}


def _problem(status: HTTPStatus, codes: list[str]) -> dict[str, Any]:
    words, header = texts().answer["problem"], _OF_A_STATUS.get(status)
    named = ", ".join(f"`{code}`" for code in codes)
    told = {"type": {"enum": [f"/problems/{code}" for code in codes]}, "status": {"const": int(status)}}
    return {
        "description": f"{words.en}: {named}.",
        "x-description-fr": typeset(f"{words.fr} : {named}."),
        **({"headers": _headers([header])} if header else {}),
        "content": {PROBLEM: {"schema": {"allOf": [reference("Problem"), {"properties": told}]}}},
    }


def _status_of(code: str) -> HTTPStatus:
    if code in REFUSALS:
        return STATUS_OF_REFUSAL.get(code, HTTPStatus.CONFLICT)
    return {**OF_THE_VIEWS, **GENERAL}[code][0]


def _headers(names: Iterable[str]) -> dict[str, Any]:
    return {
        name: {"required": True, "schema": _HEADERS.get(name, _TEXT), **said(texts().header[name])} for name in names
    }


_CHOICES: dict[str, dict[str, Schema]] = {
    "inbox": {"inbox": {"enum": [channel.value if channel else "inbox" for channel in INBOXES]}},
    "parked": {"name": {"enum": [view.name for view in VIEWS]}},
    "schema": {"name": {"enum": [f"{name}.json" for name in (*BY_TAG, ENVELOPE)]}},
    "problem": {"code": {"enum": [*REFUSALS, *GENERAL, *OF_THE_VIEWS]}},
}
"""What an address may say where only so many words lead somewhere."""
