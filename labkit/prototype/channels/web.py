"""The web: the journey as plain pages, without JavaScript; every answer is kept on the ledger at once.

The address of a case is all that is needed to go on, on another machine or another day.
"""

from typing import Any

from litestar import Response, get, post

from labkit.prototype.failures import UnknownCase
from labkit.prototype.journey import answered, asking, step_after
from labkit.prototype.kit_events import FeedbackGiven
from labkit.prototype.questions import read_form
from labkit.prototype.service import Page
from labkit.prototype.serving import Asked, Prototype, case_id_of, form_of, in_thread, one, page_of_journey, see, typed
from labkit.prototype.story import ServiceCase
from labkit.prototype.uploads import read_page
from ledger.domain.events import WebForm
from ledger.domain.vocabulary import Channel

CHANNEL = Channel.WEB


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes of the web journey."""
    cases, service = prototype.cases, prototype.service

    @get("/{lang:str}", sync_to_thread=False)
    def start_page(request: Asked) -> Response[str]:
        """Show what the service is."""
        return prototype.page("start.html", request, error=None)

    @post("/{lang:str}/start", status_code=303)
    async def start(request: Asked) -> Response[Any]:
        """Open a case and ask its first page."""
        view, trial = prototype.view(request), await in_thread(prototype.trial, request)
        if trial is not None:
            return see(next_path(prototype, trial.case, view.language))
        case = await in_thread(cases.open, CHANNEL, particulars=WebForm(form=cases.offer.service))
        return see(next_path(prototype, case, view.language))

    @post("/{lang:str}/resume", status_code=303)
    async def resume(request: Asked) -> Response[Any]:
        """Go on with a case begun elsewhere."""
        view, form = prototype.view(request), await form_of(request)
        reference = one(form, "reference")
        try:
            case = await in_thread(cases.find, reference)
        except UnknownCase:
            error = prototype.texts(view.language)("error.no-case", reference=reference)
            return prototype.page("start.html", request, status=422, error=error)
        return see(next_path(prototype, case, view.language))

    @get("/{lang:str}/case/{case_id:uuid}/{page_name:str}", sync_to_thread=False)
    def page(request: Asked) -> Response[Any]:
        """Show one page of the journey."""
        return show(prototype, request, cases.get(case_id_of(request)), page_of_journey(prototype, request))

    @get("/{lang:str}/case/{case_id:uuid}/check", sync_to_thread=False)
    def check(request: Asked) -> Response[str]:
        """Show all answers before they are sent."""
        case = cases.get(case_id_of(request))
        told = answered(service, case, prototype.texts(prototype.view(request).language))
        return prototype.page("check.html", request, case=case, answered=told, asked_pages=service.asked(case))

    @get("/{lang:str}/case/{case_id:uuid}/done", sync_to_thread=False)
    def done(request: Asked) -> Response[str]:
        """Say that the request was sent, and what came back since."""
        thanks = "thanks" in request.query_params
        return prototype.page("done.html", request, case=cases.get(case_id_of(request)), thanks=thanks)

    @post("/{lang:str}/case/{case_id:uuid}/{page_name:str}", status_code=303)
    async def answer(request: Asked) -> Response[Any]:
        """Keep the answers to one page."""
        view, asked = prototype.view(request), page_of_journey(prototype, request)
        case = await in_thread(cases.get, case_id_of(request))
        form, read = await read_page(prototype, request, asked.event)
        if read.event is None:
            return show(prototype, request, case, asked, form=form, errors=read.errors)
        if read.event != case.latest(asked.event):
            case = await in_thread(cases.record, case.id, read.event, channel_of(form))
        following = step_after(service, case, asked)
        return see(f"/{view.language}/case/{case.id}/{following.name if following else 'check'}")

    @post("/{lang:str}/case/{case_id:uuid}/check", status_code=303)
    async def submit(request: Asked) -> Response[Any]:
        """Send the request, if nothing is missing."""
        view, form = prototype.view(request), await form_of(request)
        case = await in_thread(cases.get, case_id_of(request))
        missing = service.next_page(case)
        if missing is not None:
            return see(f"/{view.language}/case/{case.id}/{missing.name}")
        await in_thread(cases.submit, case.id, channel_of(form))
        return see(f"/{view.language}/case/{case.id}/done")

    @post("/{lang:str}/case/{case_id:uuid}/feedback", status_code=303)
    async def feedback(request: Asked) -> Response[Any]:
        """Keep the citizen's opinion."""
        view, form = prototype.view(request), await form_of(request)
        read = read_form(FeedbackGiven, form, prototype.texts(view.language))
        if read.event is not None:
            await in_thread(cases.record, case_id_of(request), read.event, channel_of(form))
        return see(f"/{view.language}/case/{case_id_of(request)}/done?thanks=1")

    return [start_page, start, resume, page, check, done, answer, submit, feedback]


def show(
    prototype: Prototype,
    request: Asked,
    case: ServiceCase,
    page: Page,
    *,
    form: Any = None,  # noqa: ANN401  # what was typed, as it came
    errors: Any = None,  # noqa: ANN401  # by question
) -> Response[str]:
    """Return one page of the journey, the project's own template of it if there is one."""
    texts = prototype.texts(prototype.view(request).language)
    asked = asking(
        prototype.service,
        case,
        page,
        texts,
        typed=None if form is None else typed(form),
        suggested=prototype.suggested(request, page),
        errors=errors,
    )
    template = f"{page.name}.html" if prototype.pages.has(f"{page.name}.html") else "page.html"
    given = answered(prototype.service, case, texts)
    return prototype.page(template, request, status=422 if errors else 200, case=case, asked=asked, answered=given)


def next_path(prototype: Prototype, case: ServiceCase, language: str) -> str:
    """Return where a case goes on."""
    page = prototype.service.next_page(case)
    name = "done" if case.submitted else page.name if page else "check"
    return f"/{language}/case/{case.id}/{name}"


def channel_of(form: Any) -> Channel:  # noqa: ANN401  # a form
    """Return the channel that a form came from: the pages serve the web and the mobile application."""
    return Channel.MOBILE if "mobile" in form.get("channel", ()) else CHANNEL
