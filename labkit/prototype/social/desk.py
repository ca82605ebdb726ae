"""The agents' desk of the social networks: what everybody reads comes first; answers in public, or to one person.

What would tell everybody about somebody is held back until the agent says to publish it all the same.
"""

from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import uuid4

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from msgspec import Struct

from labkit.prototype.cases import AGENT
from labkit.prototype.channels.web import next_path
from labkit.prototype.folded import Folded
from labkit.prototype.kit_events import DeliveryEnded
from labkit.prototype.once import identifier_of
from labkit.prototype.questions import Form
from labkit.prototype.serving import Asked, Prototype, case_id_of, form_of, in_thread, one, see
from labkit.prototype.social.delivery import answer_of, send
from labkit.prototype.social.keys import Keys
from labkit.prototype.social.settings import social_settings
from labkit.prototype.social.threads import UNPUBLISHED, Said, Waiting, last_post, said_in, waiting_in
from labkit.prototype.social.traces import Trace, traces_in
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts
from ledger.domain.events import InteractionRecorded, SocialPost
from ledger.domain.vocabulary import Channel, Direction

CHANNEL = Channel.SOCIAL
THREADS_MAX = 200
SHOWN_MAX = 50
LENGTH_MAX = 2000
_LONG_AFTER = datetime.max.replace(tzinfo=UTC)


class Draft(Struct, frozen=True, kw_only=True):
    """An answer before it leaves, and why it was held back."""

    message: str = ""
    public: bool = False
    link: bool = True
    anyway: bool = False
    error: str = ""
    traces: tuple[Trace, ...] = ()


class Row(Struct, frozen=True, kw_only=True):
    """One case in the list, with its last post."""

    waiting: Waiting
    reference: str
    last: Said


def desk_routes(prototype: Prototype, keys: Keys) -> list[Any]:
    """Return the routes of the desk of the social networks."""
    cases = prototype.cases
    waiting = Folded(cases, waiting_in)

    @get("/{lang:str}/desk/social", sync_to_thread=True)
    def posts(request: Asked) -> Response[str]:
        """Show the posts, those that everybody reads and nobody answered first."""
        here = [entry for entry in cases.entries() if CHANNEL in entry.channels and not entry.closed]
        told = sorted((each for each in waiting.of(here[:THREADS_MAX]) if each is not None), key=urgency)
        return prototype.page(
            "social_desk.html",
            request,
            rows=[row for each in told[:SHOWN_MAX] if (row := row_of(each, cases.get(each.case_id)))],
            unpublished=sum(each.unpublished for each in told),
            by_hand=social_settings(prototype.project).answers_url is None,
        )

    @get("/{lang:str}/desk/social/{case_id:uuid}", sync_to_thread=False)
    def thread(request: Asked) -> Response[str]:
        """Show the posts and answers of one case."""
        return show(prototype, request, cases.get(case_id_of(request)))

    @post("/{lang:str}/desk/social/{case_id:uuid}/answer", status_code=303)
    async def answer(request: Asked) -> Response[Any]:
        """Answer in public or to the person alone; what is personal is published only if the agent insists."""
        view, form = prototype.view(request), await form_of(request)
        case, texts = await in_thread(cases.get, case_id_of(request)), prototype.texts(view.language)
        draft, answered = checked(draft_in(form), case, texts), answerable(case)
        if draft.error:
            return show(prototype, request, case, draft=draft, status=422)
        text = draft.message
        if draft.link and not draft.public:
            text += "\n\n" + texts("social.link", url=site_of(request) + next_path(prototype, case, view.language))
        await in_thread(
            cases.contact,
            case.id,
            CHANNEL,
            Direction.OUT,
            text,
            by=AGENT,
            particulars=SocialPost(network=answered.network, public=draft.public),
            contact=answered.to.line() if answered.to else "",
            interaction_id=identifier_of(form),
        )
        return see(f"/{view.language}/desk/social/{case.id}")

    @post("/{lang:str}/desk/social/{case_id:uuid}/{act:str}", status_code=303)
    async def end(request: Asked) -> Response[Any]:
        """Say that an answer was published by hand, or send once more one that was given up."""
        view, form = prototype.view(request), await form_of(request)
        case = await in_thread(cases.get, case_id_of(request))
        contact = unpublished_named(case, one(form, "answer"))
        match request.path_params["act"]:
            case "published":
                ended = DeliveryEnded(answer=str(contact.interaction_id), delivered=True, attempts=0)
            case "again" if url := social_settings(prototype.project).answers_url:
                left = await in_thread(send, url, answer_of(contact), key=keys.signing[0], at=cases.clock())
                ended = DeliveryEnded(answer=str(contact.interaction_id), delivered=left, attempts=1)
            case _:
                raise NotFoundException
        await in_thread(cases.record, case.id, ended, CHANNEL, by=AGENT)
        return see(f"/{view.language}/desk/social/{case.id}")

    return [posts, thread, answer, end]


def show(
    prototype: Prototype, request: Asked, case: ServiceCase, *, draft: Draft | None = None, status: int = 200
) -> Response[str]:
    """Return one case's posts and answers, and the form to answer the last post."""
    answered = answerable(case)
    exposed = traces_in(answered.text, case) if answered.public else ()
    return prototype.page(
        "social_desk_thread.html",
        request,
        status=status,
        case=case,
        said=said_in(case),
        answered=answered,
        exposed=exposed,
        draft=draft or Draft(public=answered.public and not exposed),
        by_hand=social_settings(prototype.project).answers_url is None,
        length_max=LENGTH_MAX,
        once=uuid4(),
    )


def answerable(case: ServiceCase) -> Said:
    """Return the post that an answer answers.

    Raises:
        NotFoundException: nobody of this case wrote on a network.
    """
    found = last_post(case)
    if found is None:
        raise NotFoundException
    return found


def draft_in(form: Form) -> Draft:
    """Return the answer that a form holds; it is private unless it says otherwise."""
    return Draft(
        message=one(form, "message").replace("\r\n", "\n"),
        public=one(form, "audience") == "public",
        link="link" in form,
        anyway="anyway" in form,
    )


def checked(draft: Draft, case: ServiceCase, texts: Texts) -> Draft:
    """Return a draft with what is wrong with it, and with what it would tell everybody."""
    if not draft.message:
        return _held(draft, texts("social.empty"))
    if len(draft.message) > LENGTH_MAX:
        return _held(draft, texts("social.too-long", length=LENGTH_MAX))
    traces = traces_in(draft.message, case) if draft.public else ()
    return _held(draft, texts("social.personal"), traces) if traces and not draft.anyway else draft


def _held(draft: Draft, error: str, traces: tuple[Trace, ...] = ()) -> Draft:
    return Draft(message=draft.message, public=draft.public, link=draft.link, error=error, traces=traces)


def unpublished_named(case: ServiceCase, contact_id: str) -> InteractionRecorded:
    """Return an answer that has not left, by its identifier.

    Raises:
        NotFoundException: there is none.
    """
    waiting = {str(said.contact_id) for said in said_in(case) if said.state in UNPUBLISHED}
    for contact in case.contacts(Direction.OUT):
        if str(contact.interaction_id) == contact_id and contact_id in waiting:
            return contact
    raise NotFoundException


def row_of(waiting: Waiting, case: ServiceCase) -> Row | None:
    """Return what the list shows of a case, `None` if its posts were erased."""
    last = last_post(case)
    return Row(waiting=waiting, reference=case.reference, last=last) if last else None


def urgency(waiting: Waiting) -> tuple[int, datetime, float]:
    """Put what everybody reads and nobody answered first, then private messages, the oldest at the top."""
    rank: Literal[0, 1, 2] = 2 if waiting.since is None else 0 if waiting.public else 1
    return (rank, waiting.since or _LONG_AFTER, -waiting.last_at.timestamp())


def site_of(request: Asked) -> str:
    """Return where the reader of this page found it, which is where the citizen will."""
    parts = urlsplit(str(request.url))
    return f"{parts.scheme}://{parts.netloc}"
