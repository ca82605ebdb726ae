"""A thread as it is shown, to the citizen or at the desk, whole or when it has gone on."""

from typing import Literal

from litestar import Response
from msgspec import Struct

from labkit.prototype.conversation.thread import TURNS_MAX, care_of, turns_of
from labkit.prototype.questions import Form
from labkit.prototype.rendering import HEADERS
from labkit.prototype.serving import Asked, Prototype, case_id_of, one
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts

MESSAGE_LENGTH_MAX = 2000
NO_CONTENT = 204
Side = Literal["citizen", "desk"]


class Bubble(Struct, frozen=True, kw_only=True):
    """One message as it is shown; `mine` is on the reader's side."""

    author: str
    text: str
    when: str
    mine: bool


def bubbles_of(case: ServiceCase, texts: Texts, *, side: Side) -> list[Bubble]:
    """Return a thread as one side reads it."""
    names = {"citizen": "you" if side == "citizen" else "citizen", "machine": "machine", "agent": "agent"}
    return [
        Bubble(
            author=texts(f"chatbot.{names[turn.author]}"),
            text=turn.text,
            when=texts.moment(turn.at),
            mine=(turn.author == "citizen") == (side == "citizen"),
        )
        for turn in turns_of(case)[-TURNS_MAX:]
    ]


def news(prototype: Prototype, request: Asked, *, side: Side) -> Response[str]:
    """Return a thread if it went on since the version that the reader has, else nothing."""
    case = prototype.cases.get(case_id_of(request))
    if request.query_params.get("after") == str(case.version):
        return Response("", status_code=NO_CONTENT, headers=HEADERS)
    view = prototype.view(request)
    texts = prototype.texts(view.language)
    # Not as a page of its own: whoever takes part in a trial is on the page that asks for this.
    shown = prototype.pages.page(
        "chat_turns.html", view, texts, turns=bubbles_of(case, texts, side=side), care=care_of(case)
    )
    shown.headers["Thread-Version"] = str(case.version)
    return shown


def message_in(form: Form) -> str:
    """Return the message of a form, its lines as every machine writes them."""
    return one(form, "message").replace("\r\n", "\n")


def wrong_with(message: str, texts: Texts) -> str | None:
    """Return what is wrong with a message before it is heard."""
    if not message:
        return texts("chatbot.empty")
    too_long = len(message) > MESSAGE_LENGTH_MAX
    return texts("chatbot.too-long", length=MESSAGE_LENGTH_MAX) if too_long else None
