"""The counter (guichet): tickets at the entrance, a display on the wall; the agents' desks are in `counter_desk`.

A ticket stands for a case: a new one, or one begun on another channel, which then goes on here.
"""

from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from litestar.exceptions import NotFoundException

from labkit.prototype import counter_desk
from labkit.prototype.channel_settings import read_settings
from labkit.prototype.counter_desk import CounterSettings
from labkit.prototype.failures import UnknownCase
from labkit.prototype.once import identifier_of
from labkit.prototype.questions import Form
from labkit.prototype.queue import tickets_of
from labkit.prototype.serving import Asked, Prototype, case_id_of, form_of, in_thread, one, see
from labkit.prototype.ticketing import Ticketing
from ledger.domain.events import CounterVisit
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel

CHANNEL = Channel.COUNTER
SHOWN_MAX = 12


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes of the entrance, of the display and of the desks."""
    cases, ticketing = prototype.cases, Ticketing(prototype.cases)
    read_settings(prototype.project, CHANNEL, CounterSettings)

    @get("/{lang:str}/counter", sync_to_thread=False)
    def entrance(request: Asked) -> Response[str]:
        """Offer a ticket."""
        return prototype.page("counter.html", request, once=uuid4(), error=None)

    @post("/{lang:str}/counter", status_code=303)
    async def take(request: Asked) -> Response[Any]:
        """Give a ticket for a new case, or for one that is known by its reference."""
        view, form = prototype.view(request), await form_of(request)
        taken = await in_thread(take_ticket, prototype, ticketing, form)
        if isinstance(taken, str):
            error = prototype.texts(view.language)(taken, reference=one(form, "reference"))
            return prototype.page("counter.html", request, status=422, once=uuid4(), error=error)
        return see(f"/{view.language}/counter/ticket/{taken}")

    @get("/{lang:str}/counter/ticket/{case_id:uuid}", sync_to_thread=False)
    def ticket(request: Asked) -> Response[str]:
        """Show a number, and how many are called before it."""
        case, queue = cases.get(case_id_of(request)), ticketing.today()
        taken = next(iter(reversed(tickets_of(case))), None)
        if taken is None:
            raise NotFoundException
        over = taken.ended or queue.of(case.id) is None
        before = queue.before(taken)
        return prototype.page("counter_ticket.html", request, case=case, ticket=taken, over=over, before=before)

    @get("/{lang:str}/counter/display", sync_to_thread=False)
    def display(request: Asked) -> Response[str]:
        """Show on the wall who is called to which desk."""
        queue = ticketing.today()
        return prototype.page("counter_display.html", request, queue=queue, shown_max=SHOWN_MAX)

    return [entrance, take, ticket, display, *counter_desk.routes(prototype, ticketing)]


def take_ticket(prototype: Prototype, ticketing: Ticketing, form: Form) -> CaseId | str:
    """Take a ticket and return its case, or the key of the words that say why there is none."""
    cases, settings = prototype.cases, read_settings(prototype.project, CHANNEL, CounterSettings)
    if "reference" in form:
        try:
            case = cases.find(one(form, "reference"))
        except UnknownCase:
            return "error.no-case"
        if case.closed:
            return "counter.closed"
    else:
        entrance = CounterVisit(desk=settings.entrance)
        case = cases.open(CHANNEL, case_id=CaseId(identifier_of(form)), particulars=entrance)
    return case.id if ticketing.take(case.id, settings.prefix) else "counter.full"
