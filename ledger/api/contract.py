"""The contract of what is published, answered by the ledger that publishes it: so `dataschema` leads somewhere.

Nobody has to be known here to read it: it says nothing of any case. The write side takes it as it takes its words, and
still knows nothing of the stream.
"""

from hashlib import sha256
from typing import Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException

from ledger.publishing.contract.asyncapi import asyncapi
from ledger.publishing.contract.examples import examples
from ledger.publishing.contract.schemas import schemas

MEDIA_TYPE = "application/json"
MAX_AGE_S = 3600


class Document:
    """One document, as it is answered until the process ends."""

    def __init__(self, content: object) -> None:
        self._text = msgspec.json.encode(content)
        self._headers = {
            "ETag": f'"{sha256(self._text).hexdigest()[:32]}"',
            "Cache-Control": f"public, max-age={MAX_AGE_S}",
        }

    def answer(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return it, unless whoever asks has it."""
        known = request.headers.get("if-none-match", "")
        if known == "*" or self._headers["ETag"] in (tag.strip().removeprefix("W/") for tag in known.split(",")):
            return Response(b"", status_code=304, headers=self._headers, media_type=MEDIA_TYPE)
        return Response(self._text, headers=self._headers, media_type=MEDIA_TYPE)


def contract_routes(source: str) -> Router:
    """Return the routes of the contract of the ledger of a source."""
    samples = examples(source)
    whole = Document(asyncapi(source, samples))
    documents = {f"{name}.json": Document(schema) for name, schema in schemas(source, samples).items()}

    @get("/asyncapi.json", operation_id="asyncapi", summary="The stream of events, as AsyncAPI", media_type=MEDIA_TYPE)
    async def stream(request: Request[Any, Any, Any]) -> Response[bytes]:
        return whole.answer(request)

    @get("/schemas/{name:str}", operation_id="schema", summary="The JSON Schema of an event", media_type=MEDIA_TYPE)
    async def schema(request: Request[Any, Any, Any]) -> Response[bytes]:
        document = documents.get(request.path_params["name"])
        if document is None:
            raise NotFoundException
        return document.answer(request)

    return Router(path="/", route_handlers=[stream, schema])
