"""The agents' desk of conversations: those that wait for a person first; an agent answers, then gives back."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from msgspec import Struct

from labkit.prototype.conversation.prompting import pending_answers
from labkit.prototype.conversation.script import script_of
from labkit.prototype.conversation.showing import MESSAGE_LENGTH_MAX, bubbles_of, message_in, news, wrong_with
from labkit.prototype.conversation.speaking import Conversation
from labkit.prototype.conversation.thread import care_of, dialogue_of, exchanges_of
from labkit.prototype.folded import Folded
from labkit.prototype.once import identifier_of
from labkit.prototype.serving import Asked, Prototype, case_id_of, form_of, in_thread, see
from labkit.prototype.story import ServiceCase
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel

THREADS_MAX = 200
_LONG_AFTER = datetime.max.replace(tzinfo=UTC)


class Row(Struct, frozen=True, kw_only=True):
    """One conversation in the list; nothing personal."""

    case_id: CaseId
    reference: str
    human: bool
    wanted_since: datetime | None
    last_at: datetime


def desk_routes(prototype: Prototype, conversation: Conversation) -> list[Any]:
    """Return the routes of the desk of conversations."""
    cases = prototype.cases
    rows = Folded(cases, row_of)

    @get("/{lang:str}/desk/chatbot", sync_to_thread=True)
    def threads(request: Asked) -> Response[str]:
        """Show the conversations, those that wait for a person first."""
        here = [entry for entry in cases.entries() if Channel.CHATBOT in entry.channels and not entry.closed]
        shown = sorted((row for row in rows.of(here[:THREADS_MAX]) if row is not None), key=urgency)
        return prototype.page("chatbot_desk.html", request, rows=shown)

    @get("/{lang:str}/desk/chatbot/{case_id:uuid}", sync_to_thread=False)
    def thread(request: Asked) -> Response[str]:
        """Show one conversation."""
        return show(prototype, request, cases.get(case_id_of(request)))

    @get("/{lang:str}/desk/chatbot/{case_id:uuid}/new", sync_to_thread=False)
    def new(request: Asked) -> Response[str]:
        """Give the conversation again if it went on."""
        return news(prototype, request, side="desk")

    @post("/{lang:str}/desk/chatbot/{case_id:uuid}/answer", status_code=303)
    async def answer(request: Asked) -> Response[Any]:
        """Answer as a person."""
        view, form = prototype.view(request), await form_of(request)
        message = message_in(form)
        if wrong := wrong_with(message, prototype.texts(view.language)):
            case = await in_thread(cases.get, case_id_of(request))
            return show(prototype, request, case, status=422, message=message, error=wrong)
        case = await in_thread(conversation.answer_as_agent, case_id_of(request), message, identifier_of(form))
        return see(f"/{view.language}/desk/chatbot/{case.id}#message")

    @post("/{lang:str}/desk/chatbot/{case_id:uuid}/give-back", status_code=303)
    async def give_back(request: Asked) -> Response[Any]:
        """Let the machine go on."""
        view = prototype.view(request)
        case = await in_thread(conversation.give_back, case_id_of(request), view.language)
        return see(f"/{view.language}/desk/chatbot/{case.id}")

    return [threads, thread, new, answer, give_back]


def show(
    prototype: Prototype,
    request: Asked,
    case: ServiceCase,
    *,
    status: int = 200,
    message: str = "",
    error: str | None = None,
) -> Response[str]:
    """Return one conversation as the desk reads it, with what waits to be confirmed."""
    script = script_of(prototype.project, prototype.view(request).language)
    dialogue = dialogue_of(case, service=prototype.service, script=script)
    return prototype.page(
        "chatbot_desk_thread.html",
        request,
        status=status,
        case=case,
        care=care_of(case),
        turns=bubbles_of(case, script.texts, side="desk"),
        pending=pending_answers(dialogue, service=prototype.service, case=case, texts=script.texts),
        length_max=MESSAGE_LENGTH_MAX,
        message=message,
        error=error,
        once=uuid4(),
    )


def row_of(case: ServiceCase) -> Row | None:
    """Return what the list shows of a case, `None` if nobody spoke there."""
    said = exchanges_of(case)
    if not said:
        return None
    care = care_of(case)
    last_at = max(contact.occurred_at for contact in said)
    return Row(
        case_id=case.id, reference=case.reference, human=care.human, wanted_since=care.wanted_since, last_at=last_at
    )


def urgency(row: Row) -> tuple[bool, datetime, bool, float]:
    """Put those who wait for a person first, the oldest at the top; then the latest."""
    waits = row.wanted_since is not None
    return (not waits, row.wanted_since or _LONG_AFTER, not row.human, -row.last_at.timestamp())
