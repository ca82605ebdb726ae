"""The agents' desk: the cases, one case across all its channels, and what an agent may do with it.

Channels add desks of their own (a queue, a call script); all of them work on the same case.
"""

from importlib import import_module
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException

from labkit.prototype import documents
from labkit.prototype.cases import AGENT
from labkit.prototype.documents import held_by
from labkit.prototype.failures import UnknownCase
from labkit.prototype.filling import send
from labkit.prototype.journey import answered, asking, step_after
from labkit.prototype.serving import (
    Asked,
    Prototype,
    case_id_of,
    channel_named,
    form_of,
    in_thread,
    one,
    page_named,
    see,
    typed,
)
from labkit.prototype.story import ServiceCase
from labkit.prototype.telling import told
from labkit.prototype.uploads import read_page
from ledger.domain.vocabulary import Channel, ClosingReason, Direction, Outcome

CASES_MAX = 200


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes of the desk."""
    cases, service = prototype.cases, prototype.service

    @get("/{lang:str}/desk", sync_to_thread=False)
    def all_cases(request: Asked) -> Response[str]:
        """Show the cases, the one that moved last first."""
        return prototype.page("desk.html", request, entries=cases.entries()[:CASES_MAX], error=None)

    @post("/{lang:str}/desk/find", status_code=303)
    async def find(request: Asked) -> Response[Any]:
        """Go to the case that has a reference."""
        view, reference = prototype.view(request), one(await form_of(request), "reference")
        try:
            case = await in_thread(cases.find, reference)
        except UnknownCase:
            entries = (await in_thread(cases.entries))[:CASES_MAX]
            error = prototype.texts(view.language)("error.no-case", reference=reference)
            return prototype.page("desk.html", request, status=422, entries=entries, error=error)
        return see(f"/{view.language}/desk/case/{case.id}")

    @get("/{lang:str}/desk/case/{case_id:uuid}", sync_to_thread=False)
    def one_case(request: Asked) -> Response[str]:
        """Show one case: its answers, its story, what can be done."""
        case = cases.get(case_id_of(request))
        texts = prototype.texts(prototype.view(request).language)
        return prototype.page(
            "desk_case.html",
            request,
            case=case,
            answered=answered(service, case, texts),
            story=[told(moment, texts) for moment in reversed(case.moments)],
            documents=held_by(case),
            open_pages=[page for page in service.asked(case) if case.latest(page.event) is None],
            outcomes=tuple(Outcome),
            closing_reasons=tuple(ClosingReason),
            via=via(request),
            reply_channels=[channel for channel in prototype.project.channels() if channel is not Channel.INTERNAL],
        )

    @get("/{lang:str}/desk/case/{case_id:uuid}/page/{page_name:str}", sync_to_thread=False)
    def fill_page(request: Asked) -> Response[str]:
        """Show one page for an agent to fill with the citizen, or alone."""
        case, page = cases.get(case_id_of(request)), page_named(prototype, request)
        texts = prototype.texts(prototype.view(request).language)
        asked = asking(service, case, page, texts, suggested=prototype.suggested(request, page))
        return prototype.page("desk_page.html", request, case=case, asked=asked)

    @post("/{lang:str}/desk/case/{case_id:uuid}/page/{page_name:str}", status_code=303)
    async def fill(request: Asked) -> Response[Any]:
        """Keep what an agent filled in, on the channel on which the citizen is."""
        view, channel = prototype.view(request), via(request)
        page, texts = page_named(prototype, request), prototype.texts(view.language)
        case = await in_thread(cases.get, case_id_of(request))
        form, read = await read_page(prototype, request, page.event)
        if read.event is None:
            asked = asking(service, case, page, texts, typed=typed(form), errors=read.errors)
            return prototype.page("desk_page.html", request, status=422, case=case, asked=asked)
        case = await in_thread(cases.record, case.id, read.event, channel, by=AGENT)
        following = step_after(service, case, page) if page in service.pages else None
        if following is None:
            return see(f"/{view.language}/desk/case/{case.id}?channel={channel.value}")
        return see(f"/{view.language}/desk/case/{case.id}/page/{following.name}?channel={channel.value}")

    @post("/{lang:str}/desk/case/{case_id:uuid}/{act:str}", status_code=303)
    async def do(request: Asked) -> Response[Any]:
        """Write, send, decide, close or reopen."""
        view, form = prototype.view(request), await form_of(request)
        case = case_id_of(request)
        match request.path_params["act"]:
            case "write" if message := one(form, "message"):
                written = await in_thread(
                    cases.contact, case, channel_named(one(form, "channel")), Direction.OUT, message
                )
                await in_thread(carry, prototype, written)
            case "write":
                pass
            case "submit":
                await send(prototype, await in_thread(cases.get, case), channel_named(one(form, "channel")))
            case "decide":
                await in_thread(cases.decide, case, outcome_named(one(form, "outcome")), one(form, "grounds"))
            case "close":
                await in_thread(cases.close, case, reason_named(one(form, "reason")))
            case "reopen":
                await in_thread(cases.reopen, case)
            case _:
                raise NotFoundException
        return see(f"/{view.language}/desk/case/{case}")

    return [all_cases, find, one_case, fill_page, fill, do, *documents.routes(prototype)]


def carry(prototype: Prototype, case: ServiceCase) -> None:
    """Let the channel on which somebody just wrote carry it, if its room has a `sent(prototype, case, contact)`."""
    contact = case.contacts(Direction.OUT)[-1]
    if contact.channel in prototype.project.channels():
        room = import_module(f"labkit.prototype.channels.{contact.channel.value}")
        if hasattr(room, "sent"):
            room.sent(prototype, case, contact)


def outcome_named(code: str) -> Outcome:
    """Return an outcome by its code.

    Raises:
        NotFoundException: there is none.
    """
    if code not in {outcome.value for outcome in Outcome}:
        raise NotFoundException
    return Outcome(code)


def reason_named(code: str) -> ClosingReason:
    """Return a reason for closing by its code; without one, the case was simply completed.

    Raises:
        NotFoundException: there is none.
    """
    if code and code not in {reason.value for reason in ClosingReason}:
        raise NotFoundException
    return ClosingReason(code or ClosingReason.COMPLETED)


def via(request: Asked) -> Channel:
    """Return the channel on which the agent has the citizen: named in the address, else nobody is there."""
    return channel_named(request.query_params.get("channel", Channel.INTERNAL.value))
