"""The web applications that ours is measured beside: each takes a contact and answers its identifier and a position.

`python -m bench.programs.http_apps bare|litestar|fastapi PORT` serves one of them, with the server of the ledger.
"""

import sys
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, post
from msgspec import Struct

from bench.contacts import PAYLOAD

_CREATED = 201
_ANSWER = b'{"id":"0192f0c4-5d7e-7c3a-9f2b-6a1d3e5c7b90","position":12}'
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_ANSWER))]


class Contact(Struct):
    """What is sent."""

    interaction_id: str
    channel: str
    direction: str
    agent: str
    summary: str
    occurred_at: str
    citizen: str
    case: str


class Kept(Struct):
    """What is answered."""

    id: str
    position: int


async def bare(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401  # ASGI has no types of its own
    """Read the body and answer, without any framework: the limit."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": _CREATED, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _ANSWER})


def litestar() -> Litestar:
    """Return the same in Litestar, with types."""

    @post("/contacts")
    async def keep(data: Contact) -> Kept:
        return Kept(data.interaction_id, 12)

    return Litestar([keep], openapi_config=None, logging_config=None)


def fastapi() -> object:
    """Return the same in FastAPI, with types of pydantic."""
    from fastapi import FastAPI  # noqa: PLC0415  # only this row needs it
    from pydantic import create_model  # noqa: PLC0415

    fields = dict.fromkeys(Contact.__struct_fields__, (str, ...))
    model: Any = create_model("PydanticContact", **fields)  # type: ignore[call-overload]  # as many as ours has
    answer: Any = create_model("PydanticKept", id=(str, ...), position=(int, ...))
    app = FastAPI(openapi_url=None)

    async def keep(data: model) -> answer:
        return answer(id=data.interaction_id, position=12)

    app.post("/contacts", status_code=_CREATED, response_model=answer)(keep)
    return app


def main() -> None:
    """Serve one of them."""
    msgspec.json.decode(PAYLOAD, type=Contact)  # what will be sent is what they take
    _, name, port = sys.argv
    app: Any = bare if name == "bare" else {"litestar": litestar, "fastapi": fastapi}[name]()
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_config=None, access_log=False)


if __name__ == "__main__":
    main()
