"""The telephone: an agent takes a call, reads the script, fills in one page after the other, promises a call-back.

The calls themselves stay on the telephone: nothing here rings, records or listens.
"""

from typing import Any
from uuid import uuid4

from litestar import Response, get, post

from labkit.prototype.callbacks import CallBack, call_back_of, soonest_first
from labkit.prototype.calls import Call, EndOfCall, TelephoneSettings, call_of, due_of, record_call, show_call
from labkit.prototype.cases import AGENT
from labkit.prototype.channel_settings import read_settings
from labkit.prototype.failures import UnknownCase
from labkit.prototype.filling import keep, send
from labkit.prototype.folded import Folded
from labkit.prototype.once import identifier_of
from labkit.prototype.questions import read_form
from labkit.prototype.serving import Asked, Prototype, case_id_of, form_of, in_thread, one, see, typed
from ledger.domain.events import PhoneCall
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel, Direction

CHANNEL = Channel.TELEPHONE
SHOWN_MAX = 200
ONE_CALL = "/{lang:str}/desk/telephone/case/{case_id:uuid}/{direction:str}/{call_id:uuid}"


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes of the agents who answer the telephone."""
    cases, promises = prototype.cases, Folded(prototype.cases, call_back_of)
    read_settings(prototype.project, CHANNEL, TelephoneSettings)

    def due() -> list[CallBack]:
        called = [entry for entry in cases.entries() if CHANNEL in entry.channels and not entry.closed]
        return soonest_first(promises.of(called))[:SHOWN_MAX]

    def show_desk(request: Asked, *, error: str | None = None) -> Response[str]:
        return prototype.page(
            "telephone_desk.html",
            request,
            status=422 if error else 200,
            due=[(promise, keeping(promise)) for promise in due()],
            now=cases.clock(),
            once=uuid4(),
            ended="ended" in request.query_params,
            error=error,
        )

    @get("/{lang:str}/desk/telephone", sync_to_thread=False)
    def desk(request: Asked) -> Response[str]:
        """Offer to take a call, and show the call-backs due."""
        return show_desk(request)

    @post("/{lang:str}/desk/telephone", status_code=303)
    async def take(request: Asked) -> Response[Any]:
        """Take a call about a new case, or about one that is known by its reference."""
        view, form = prototype.view(request), await form_of(request)
        if "reference" not in form:
            case_id = CaseId(identifier_of(form))
            case = await in_thread(cases.open, CHANNEL, by=AGENT, case_id=case_id, particulars=PhoneCall())
            call = Call(case_id=case.id, id=case.contacts()[0].interaction_id)
            return see(call.path(view.language))
        try:
            case = await in_thread(cases.find, one(form, "reference"))
        except UnknownCase:
            words = prototype.texts(view.language)
            return show_desk(request, error=words("error.no-case", reference=one(form, "reference")))
        return see(Call(case_id=case.id, id=uuid4()).path(view.language))

    @get([ONE_CALL, f"{ONE_CALL}/page/{{page_name:str}}"], sync_to_thread=False)
    def call_page(request: Asked) -> Response[str]:
        """Show what to say, and a page to fill in."""
        return show_call(prototype, request, cases.get(case_id_of(request)))

    @post(f"{ONE_CALL}/page/{{page_name:str}}", status_code=303)
    async def fill(request: Asked) -> Response[Any]:
        """Keep the answers to one page."""
        view, case = prototype.view(request), await in_thread(cases.get, case_id_of(request))
        refused = await keep(prototype, request, case, CHANNEL)
        if refused is not None:
            return show_call(prototype, request, case, refused=refused)
        return see(f"{call_of(request).path(view.language)}?begun=1")

    @post(f"{ONE_CALL}/submit", status_code=303)
    async def submit(request: Asked) -> Response[Any]:
        """Send the request while the citizen is on the telephone."""
        view, case = prototype.view(request), await in_thread(cases.get, case_id_of(request))
        await send(prototype, case, CHANNEL)
        return see(f"{call_of(request).path(view.language)}?begun=1")

    @post(ONE_CALL, status_code=303)
    async def end(request: Asked) -> Response[Any]:
        """Note what was said and what was promised."""
        view, form = prototype.view(request), await form_of(request)
        case, call = await in_thread(cases.get, case_id_of(request)), call_of(request)
        texts = prototype.texts(view.language)
        read = read_form(EndOfCall, form, texts)
        if not isinstance(read.event, EndOfCall):
            return show_call(prototype, request, case, values=typed(form), errors=read.errors)
        settings = read_settings(prototype.project, CHANNEL, TelephoneSettings)
        try:
            promised = due_of(read.event, settings, now=cases.clock())
        except ValueError:
            errors = {"call_back_day": texts("telephone.bad-day")}
            return show_call(prototype, request, case, values=typed(form), errors=errors)
        await in_thread(record_call, cases, case, call, read.event, promised)
        return see(f"/{view.language}/desk/telephone?ended=1")

    return [desk, take, call_page, fill, submit, end]


def keeping(promise: CallBack) -> Call:
    """Return the call that keeps a promise."""
    return Call(case_id=promise.case_id, id=promise.call_id, direction=Direction.OUT)
