"""A network played in the lab: what an invented person posts goes through the webhook, signed, like any other post."""

from typing import Any
from uuid import uuid4

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect
from msgspec import Struct

from labkit.prototype.folded import Folded
from labkit.prototype.questions import Form
from labkit.prototype.serving import LAB_PATH, Asked, Prototype, form_of, in_thread, one, preferred, see
from labkit.prototype.social.keys import Keys, secret_file
from labkit.prototype.social.receiving import Receiver
from labkit.prototype.social.refusing import PostRefused
from labkit.prototype.social.settings import social_settings
from labkit.prototype.social.threads import Said, said_in, waiting_in
from ledger.domain.vocabulary import Channel
from ledger.webhooks.signature import signed

THREADS_MAX = 30


class Typed(Struct, frozen=True, kw_only=True):
    """What was typed on the network's page."""

    author: str = ""
    network: str = ""
    text: str = ""
    private: bool = False
    in_reply_to: str = ""


def lab_routes(prototype: Prototype, receiver: Receiver, keys: Keys) -> list[Any]:
    """Return the routes of the network that the lab plays."""
    cases = prototype.cases
    waiting = Folded(cases, waiting_in)

    def threads() -> list[list[Said]]:
        here = [entry for entry in cases.entries() if Channel.SOCIAL in entry.channels]
        return [said_in(cases.get(each.case_id)) for each in waiting.of(here[:THREADS_MAX]) if each is not None]

    def show(request: Asked, typed: Typed, *, error: str = "", status: int = 200) -> Response[str]:
        return prototype.page(
            "social_lab.html",
            request,
            status=status,
            threads=threads(),
            people=list(prototype.project.personas()),
            networks=social_settings(prototype.project).networks,
            typed=typed,
            error=error,
            secret=secret_file(prototype.data) if prototype.data else None,
        )

    @get(f"{LAB_PATH}/social", sync_to_thread=False)
    def front(request: Asked) -> Redirect:
        """Send a maker to the network in their language."""
        language = preferred(request.headers.get("accept-language", ""), prototype.project.languages)
        return see(f"{LAB_PATH}/{language}/social")

    @get(f"{LAB_PATH}/{{lang:str}}/social")
    async def network(request: Asked) -> Response[str]:
        """Show the network: who wrote, what was answered."""
        return await in_thread(show, request, Typed())

    @post(f"{LAB_PATH}/{{lang:str}}/social", status_code=303)
    async def publish(request: Asked) -> Response[Any]:
        """Post as somebody invented."""
        view, typed = prototype.view(request), typed_in(await form_of(request))
        body = msgspec.json.encode(post_of(typed) | {"posted_at": cases.clock()})
        headers = signed(body, key=keys.signing[0], delivery_id=f"lab-{uuid4().hex}", at=cases.clock())
        try:
            await in_thread(receiver.receive, headers, body)
        except PostRefused as refused:
            error = prototype.texts(view.language)(f"social.refused.{refused.code}")
            return await in_thread(show, request, typed, error=f"{error} {refused.reason}".strip(), status=422)
        return see(f"{LAB_PATH}/{view.language}/social")

    return [front, network, publish]


def typed_in(form: Form) -> Typed:
    """Return what was typed."""
    return Typed(
        author=one(form, "author"),
        network=one(form, "network"),
        text=one(form, "text").replace("\r\n", "\n"),
        private=one(form, "audience") == "private",
        in_reply_to=one(form, "in_reply_to"),
    )


def post_of(typed: Typed) -> dict[str, Any]:
    """Return the post that was typed, as a network would send it; whether it is one, the webhook will say."""
    return {
        "id": f"lab-{uuid4().hex}",
        "network": typed.network,
        "author": f"@{typed.author.removeprefix('@')}",
        "text": typed.text,
        "public": not typed.private,
        "in_reply_to": typed.in_reply_to or None,
    }
