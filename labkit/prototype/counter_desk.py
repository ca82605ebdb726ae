"""The desks of the counter: the queue in order, the next called to one desk, the visit told to the ledger.

A desk has one citizen at a time: it calls the next once the visit is recorded, or the citizen found absent.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from msgspec import Meta, Struct

from labkit.prototype.cases import AGENT, Cases
from labkit.prototype.channel_settings import read_settings
from labkit.prototype.events import PersonalLines, ServiceEvent
from labkit.prototype.filling import filling, keep, noting, send
from labkit.prototype.journey import Asking
from labkit.prototype.questions import read_form
from labkit.prototype.queue import Ticket, tickets_of
from labkit.prototype.serving import Asked, Prototype, case_id_of, form_of, in_thread, see, typed
from labkit.prototype.story import ServiceCase
from labkit.prototype.ticketing import Ticketing, once
from ledger.domain.events import CounterVisit
from ledger.domain.identifiers import Label
from ledger.domain.vocabulary import Channel, Direction, Language

CHANNEL = Channel.COUNTER
ONE_CASE = "/{lang:str}/desk/counter/case/{case_id:uuid}"


class CounterSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `channels/counter.toml` may say."""

    prefix: Annotated[str, Meta(pattern=r"^[A-Z]?$(?!\n)")] = "A"
    entrance: Label = "Accueil"
    desks: Annotated[tuple[Label, ...], Meta(min_length=1, max_length=50)] = ("Guichet 1",)
    texts: dict[str, dict[str, Any]] = {}


class EndOfVisit(ServiceEvent, frozen=True, kw_only=True, tag="end-of-visit.v1"):
    """What an agent says of a visit: a form, told to the ledger as a contact."""

    visit_summary: PersonalLines | None = None


def routes(prototype: Prototype, ticketing: Ticketing) -> list[Any]:
    """Return the routes of the desks."""
    cases = prototype.cases

    @get("/{lang:str}/desk/counter", sync_to_thread=False)
    def all_desks(request: Asked) -> Response[str]:
        """Show the queue, and ask at which desk the agent is."""
        return show_queue(prototype, request, ticketing, desk=None)

    @get("/{lang:str}/desk/counter/{rank:int}", sync_to_thread=False)
    def one_desk(request: Asked) -> Response[str]:
        """Show the queue, and who is at this desk."""
        return show_queue(prototype, request, ticketing, desk=desk_of(prototype, request))

    @post("/{lang:str}/desk/counter/{rank:int}", status_code=303)
    async def call(request: Asked) -> Response[Any]:
        """Call the next to this desk."""
        view, desk = prototype.view(request), desk_of(prototype, request)
        ticket = await in_thread(ticketing.call, desk)
        return see(f"/{view.language}/desk/counter/case/{ticket.case_id}" if ticket else request.url.path)

    @get([ONE_CASE, f"{ONE_CASE}/page/{{page_name:str}}"], sync_to_thread=False)
    def visit(request: Asked) -> Response[str]:
        """Show the case that was called, and ask a page of it."""
        return show_visit(prototype, request, cases.get(case_id_of(request)))

    @post(f"{ONE_CASE}/page/{{page_name:str}}", status_code=303)
    async def fill(request: Asked) -> Response[Any]:
        """Keep the answers to one page."""
        view, case = prototype.view(request), await in_thread(cases.get, case_id_of(request))
        refused = await keep(prototype, request, case, CHANNEL)
        if refused is not None:
            return show_visit(prototype, request, case, refused=refused)
        return see(f"/{view.language}/desk/counter/case/{case.id}")

    @post(f"{ONE_CASE}/submit", status_code=303)
    async def submit(request: Asked) -> Response[Any]:
        """Send the request in the citizen's presence."""
        view, case = prototype.view(request), await in_thread(cases.get, case_id_of(request))
        await send(prototype, case, CHANNEL)
        return see(f"/{view.language}/desk/counter/case/{case.id}")

    @post(ONE_CASE, status_code=303)
    async def end(request: Asked) -> Response[Any]:
        """Let the visit end: the citizen was received, or is not there."""
        view, form = prototype.view(request), await form_of(request)
        case = await in_thread(cases.get, case_id_of(request))
        if (ticket := ticket_at_a_desk(case)) is None:
            return see(f"/{view.language}/desk/counter")
        if "absent" in form:
            await in_thread(ticketing.end, ticket, "absent")
            return see(desk_path(prototype, view.language, ticket))
        read = read_form(EndOfVisit, form, prototype.texts(view.language))
        if not isinstance(read.event, EndOfVisit):
            return show_visit(prototype, request, case, values=typed(form), errors=read.errors)
        await in_thread(record_visit, prototype.cases, ticketing, ticket, read.event.visit_summary or "")
        return see(desk_path(prototype, view.language, ticket))

    return [all_desks, one_desk, call, visit, fill, submit, end]


def desk_of(prototype: Prototype, request: Asked) -> str:
    """Return the desk that an address names by its rank.

    Raises:
        NotFoundException: the counter has fewer.
    """
    desks = read_settings(prototype.project, CHANNEL, CounterSettings).desks
    rank: int = request.path_params["rank"]
    if not 1 <= rank <= len(desks):
        raise NotFoundException
    return desks[rank - 1]


def desk_path(prototype: Prototype, language: Language, ticket: Ticket | None) -> str:
    """Return the address of the desk to which a ticket was called, of the whole queue if there is no such desk."""
    desks = read_settings(prototype.project, CHANNEL, CounterSettings).desks
    rank = f"/{desks.index(ticket.desk) + 1}" if ticket and ticket.desk in desks else ""
    return f"/{language}/desk/counter{rank}"


def ticket_at_a_desk(case: ServiceCase) -> Ticket | None:
    """Return the ticket with which the citizen of a case stands at a desk."""
    return next((ticket for ticket in reversed(tickets_of(case)) if ticket.is_at_a_desk), None)


def record_visit(cases: Cases, ticketing: Ticketing, ticket: Ticket, summary: str) -> None:
    """Tell the ledger of a visit, and let its ticket end."""
    cases.contact(
        ticket.case_id,
        CHANNEL,
        Direction.IN,
        summary,
        by=AGENT,
        particulars=CounterVisit(desk=ticket.desk),
        interaction_id=once("visit", ticket),
    )
    ticketing.end(ticket, "received")


def show_queue(prototype: Prototype, request: Asked, ticketing: Ticketing, *, desk: str | None) -> Response[str]:
    """Return the queue, seen from a desk or from none."""
    queue, settings = ticketing.today(), read_settings(prototype.project, CHANNEL, CounterSettings)
    return prototype.page(
        "counter_desk.html",
        request,
        queue=queue,
        now=prototype.cases.clock(),
        desk=desk,
        desks=settings.desks,
        here=queue.at(desk) if desk else None,
    )


def show_visit(
    prototype: Prototype,
    request: Asked,
    case: ServiceCase,
    *,
    refused: Asking | None = None,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response[str]:
    """Return the case at a desk: a page to fill in, the answers so far, the end of the visit."""
    language, ticket = prototype.view(request).language, ticket_at_a_desk(case)
    texts = prototype.texts(language)
    return prototype.page(
        "counter_visit.html",
        request,
        status=422 if refused or errors else 200,
        ticket=ticket,
        queue_path=desk_path(prototype, language, ticket),
        noting=noting(EndOfVisit, texts, values=values, errors=errors),
        **filling(prototype, request, case, refused=refused),
    )
