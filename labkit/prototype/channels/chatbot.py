"""The chatbot: one conversation a case, one text box, without JavaScript; and the agents' desk of conversations.

The first thing said is that a machine speaks. It hands over to a person, and is silent as long as the person answers.
"""

from typing import Any
from uuid import uuid4

from litestar import Response, get, post

from labkit.prototype.channels.web import next_path
from labkit.prototype.conversation.desk import desk_routes
from labkit.prototype.conversation.prompting import introduction
from labkit.prototype.conversation.showing import MESSAGE_LENGTH_MAX, Bubble, bubbles_of, message_in, news, wrong_with
from labkit.prototype.conversation.speaking import Conversation
from labkit.prototype.conversation.thread import TURNS_MAX, care_of, exchanges_of
from labkit.prototype.failures import UnknownCase
from labkit.prototype.once import identifier_of
from labkit.prototype.serving import Asked, Prototype, case_id_of, form_of, in_thread, one, see
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel

CHANNEL = Channel.CHATBOT


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes of the chatbot, for citizens and for the desk."""
    cases, conversation = prototype.cases, Conversation(prototype.project, prototype.cases)

    @get("/{lang:str}/chat", sync_to_thread=False)
    def start_page(request: Asked) -> Response[str]:
        """Say that a machine answers, and wait for a message."""
        return show_start(prototype, request)

    @post("/{lang:str}/chat", status_code=303)
    async def start(request: Asked) -> Response[Any]:
        """Open a case with its first message."""
        view, form = prototype.view(request), await form_of(request)
        message, case_id = message_in(form), CaseId(identifier_of(form))
        if wrong := wrong_with(message, prototype.texts(view.language)):
            return show_start(prototype, request, status=422, message=message, error=wrong)
        case = await in_thread(conversation.begin, case_id, message, view.language)
        return see(f"/{view.language}/chat/{case.id}#message")

    @post("/{lang:str}/chat/resume", status_code=303)
    async def resume(request: Asked) -> Response[Any]:
        """Go on with a case begun elsewhere."""
        view, reference = prototype.view(request), one(await form_of(request), "reference")
        try:
            case = await in_thread(cases.find, reference)
        except UnknownCase:
            error = prototype.texts(view.language)("error.no-case", reference=reference)
            return show_start(prototype, request, status=422, reference_error=error)
        return see(f"/{view.language}/chat/{case.id}#message")

    @get("/{lang:str}/chat/{case_id:uuid}", sync_to_thread=False)
    def thread(request: Asked) -> Response[str]:
        """Show a conversation."""
        return show(prototype, request, cases.get(case_id_of(request)))

    @post("/{lang:str}/chat/{case_id:uuid}", status_code=303)
    async def say(request: Asked) -> Response[Any]:
        """Take a message; the same one sent twice is taken once."""
        view, form = prototype.view(request), await form_of(request)
        case, message = await in_thread(cases.get, case_id_of(request)), message_in(form)
        wrong = wrong_with(message, prototype.texts(view.language))
        if len(exchanges_of(case)) >= TURNS_MAX:
            wrong = prototype.texts(view.language)("chatbot.full")
        if wrong:
            return show(prototype, request, case, status=422, message=message, error=wrong)
        await in_thread(conversation.hear, case.id, message, identifier_of(form), view.language)
        return see(f"/{view.language}/chat/{case.id}#message")

    @get("/{lang:str}/chat/{case_id:uuid}/new", sync_to_thread=False)
    def new(request: Asked) -> Response[str]:
        """Give the conversation again if it went on."""
        return news(prototype, request, side="citizen")

    return [start_page, start, resume, thread, say, new, *desk_routes(prototype, conversation)]


def show_start(
    prototype: Prototype,
    request: Asked,
    *,
    status: int = 200,
    message: str = "",
    error: str | None = None,
    reference_error: str | None = None,
) -> Response[str]:
    """Return the page where a conversation begins."""
    return prototype.page(
        "chat_start.html",
        request,
        status=status,
        turns=[greeting(prototype.texts(prototype.view(request).language))],
        message=message,
        once=uuid4(),
        length_max=MESSAGE_LENGTH_MAX,
        error=error,
        reference_error=reference_error,
    )


def show(
    prototype: Prototype,
    request: Asked,
    case: ServiceCase,
    *,
    status: int = 200,
    message: str = "",
    error: str | None = None,
) -> Response[str]:
    """Return one conversation; one that has not begun shows what the machine will say first."""
    view = prototype.view(request)
    texts = prototype.texts(view.language)
    said = bubbles_of(case, texts, side="citizen")
    return prototype.page(
        "chat.html",
        request,
        status=status,
        case=case,
        care=care_of(case),
        turns=said or [greeting(texts)],
        begun=bool(said),
        online=next_path(prototype, case, view.language),
        message=message,
        once=uuid4(),
        length_max=MESSAGE_LENGTH_MAX,
        error=error,
    )


def greeting(texts: Texts) -> Bubble:
    """Return what the machine says before anything was written."""
    said = "\n\n".join((introduction(texts), texts("chatbot.offer")))
    return Bubble(author=texts("chatbot.machine"), text=said, when="", mine=False)
