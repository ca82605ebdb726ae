"""Social networks: one signed webhook for what people write, the agents' desk, and answers in public or private.

`POST /channels/social/posts` takes deliveries in the Standard Webhooks form; unsigned, altered or stale ones are
refused by name. Which network it is, and how it is reached, is for the adapter on the other side.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Response, post
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from msgspec import Struct

from labkit.answers import Problem
from labkit.prototype.serving import Asked, Prototype, in_thread, preferred
from labkit.prototype.social.delivery import Courier
from labkit.prototype.social.desk import desk_routes
from labkit.prototype.social.keys import read_keys
from labkit.prototype.social.playing import lab_routes
from labkit.prototype.social.posts import BODY_SIZE_MAX_BYTES
from labkit.prototype.social.receiving import Receiver
from labkit.prototype.social.refusing import PostRefused, respond
from labkit.prototype.social.settings import social_settings
from labkit.prototype.texts import Texts
from ledger.domain.vocabulary import Channel

CHANNEL = Channel.SOCIAL
WEBHOOK_PATH = "/channels/social/posts"
SIGNED_PATHS = (WEBHOOK_PATH,)


class Taken(Struct, frozen=True, kw_only=True):
    """The answer to a delivery; nothing in it tells how a case is reached."""

    repeated: bool


def routes(prototype: Prototype) -> list[Any]:
    """Return the webhook, the desk, and the network that the lab plays."""
    keys = read_keys(prototype.data, os.environ)
    receiver = Receiver(prototype.cases, keys)

    def texts_for(request: Asked) -> Texts:
        return prototype.texts(preferred(request.headers.get("accept-language", ""), prototype.project.languages))

    def refuse(request: Asked, refused: PostRefused) -> Response[Problem]:
        return respond(refused, texts_for(request))

    def refuse_size(request: Asked, _: RequestEntityTooLarge) -> Response[Problem]:
        return respond(PostRefused("too-large"), texts_for(request))

    @post(
        WEBHOOK_PATH,
        status_code=200,
        request_max_body_size=BODY_SIZE_MAX_BYTES,
        exception_handlers={PostRefused: refuse, RequestEntityTooLarge: refuse_size},
    )
    async def take(request: Asked) -> Taken:
        """Take a delivery in; the same post twice is told once."""
        body = await request.body()
        return Taken(repeated=not await in_thread(receiver.receive, dict(request.headers), body))

    return [take, *desk_routes(prototype, keys), *lab_routes(prototype, receiver, keys)]


@asynccontextmanager
async def serving(prototype: Prototype) -> AsyncIterator[None]:
    """Send answers in the background, if the project says where to."""
    url = social_settings(prototype.project).answers_url
    if url is None:
        yield
        return
    courier = Courier(prototype.cases, url=url, key=read_keys(prototype.data, os.environ).signing[0])
    running = asyncio.create_task(courier.run())
    try:
        yield
    finally:
        courier.stop()
        running.cancel()
