"""The mobile application: the same journey, installable, and filled in where there is no network.

A telephone keeps what was answered and sends it when it can. Each command carries an identifier and a time of the
device's own, so that sent twice is recorded once; a refusal comes back as words for the page that it concerns.
"""

from contextlib import suppress
from typing import Any
from uuid import UUID, uuid5

import msgspec
from jinja2 import UndefinedError
from litestar import Response, Router, get, post
from litestar.exceptions import NotFoundException
from msgspec import Struct

from labkit.prototype import installable
from labkit.prototype.cases import CITIZEN, Cases
from labkit.prototype.device import (
    DeviceJourney,
    beforehand,
    case_for_device,
    happened_at,
    is_fresh,
    page_for_device,
)
from labkit.prototype.events import ServiceEvent
from labkit.prototype.failures import UnknownCase
from labkit.prototype.journey import Asking
from labkit.prototype.rendering import HEADERS
from labkit.prototype.serving import Asked, Prototype, case_id_of, form_of, in_thread, language_of, one, page_of_journey
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts
from labkit.prototype.uploads import read_page
from labkit.prototype.variants import Showing, read_choices
from labkit.prototype.visiting import VARIANTS
from ledger.domain.errors import CaseIsClosed, Refusal
from ledger.domain.events import MobileEntry
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel, Direction

CHANNEL = Channel.MOBILE
WORDS = (
    *("journey.step", "journey.change", "answer.yes", "answer.no", "documents.attached"),
    *("mobile.typed", "mobile.kept", "mobile.sent", "mobile.begun", "mobile.ready", "mobile.submitted"),
    *("mobile.returned", "mobile.missing", "mobile.no-network", "mobile.remove-sure"),
)


class Sent(Struct, frozen=True, kw_only=True):
    """What a device says of a command: which it is, when it was given, in which batch if there was no network."""

    command_id: UUID
    occurred_at: str = ""
    batch: UUID | None = None


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why something was not recorded, in words for who wrote it; `missing` is a page still to be answered."""

    message: str
    errors: dict[str, str] = {}
    missing: str | None = None


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes of the mobile application."""
    sending = Router("/", route_handlers=_sending(prototype), exception_handlers=_returning(prototype))
    return [*_showing(prototype), *installable.routes(prototype), sending]


def _showing(prototype: Prototype) -> list[Any]:
    @get("/{lang:str}/m", sync_to_thread=False)
    def shell(request: Asked) -> Response[str]:
        """Show the application, which is the same whatever the case."""
        return prototype.page("mobile.html", request, module_path=installable.module_path)

    @get("/{lang:str}/m/journey.json", sync_to_thread=False)
    def journey(request: Asked) -> Response[DeviceJourney]:
        """Give the whole journey, to be asked where there is no network."""
        texts = prototype.texts(prototype.view(request).language)
        asked = [beforehand(page, texts) for page in prototype.service.pages]
        pages = [page_for_device(each, drawn(prototype, request, each), texts) for each in asked]
        words = {key: texts(key) for key in WORDS}
        return said(DeviceJourney(service=prototype.cases.offer.service, pages=pages, words=words))

    return [shell, journey]


def _sending(prototype: Prototype) -> list[Any]:
    cases, service = prototype.cases, prototype.service

    @post("/{lang:str}/m/resume", status_code=200)
    async def resume(request: Asked) -> Response[Any]:
        """Give a case begun elsewhere, with its answers."""
        reference = one(await form_of(request), "reference")
        try:
            case = await in_thread(cases.find, reference)
        except UnknownCase:
            texts = prototype.texts(prototype.view(request).language)
            return said(Problem(message=texts("error.no-case", reference=reference)), status=404)
        return said(case_for_device(service, case, with_values=True))

    @get("/{lang:str}/m/case/{case_id:uuid}", sync_to_thread=False)
    def look(request: Asked) -> Response[Any]:
        """Give a case by its address, with its answers."""
        return said(case_for_device(service, cases.get(case_id_of(request)), with_values=True))

    @post("/{lang:str}/m/case/{case_id:uuid}", status_code=200)
    async def begin(request: Asked) -> Response[Any]:
        """Open a case under the identifier that the device gave it."""
        case = await in_thread(begun, cases, case_id_of(request), sent_with(request))
        return said(case_for_device(service, case))

    @post("/{lang:str}/m/case/{case_id:uuid}/{page_name:str}", status_code=200)
    async def answer(request: Asked) -> Response[Any]:
        """Keep the answers to one page."""
        page, sent = page_of_journey(prototype, request), sent_with(request)
        texts = prototype.texts(prototype.view(request).language)
        _, read = await read_page(prototype, request, page.event)
        if read.event is None:
            return said(Problem(message=texts("error.title"), errors=read.errors), status=422)
        case = await in_thread(kept, cases, case_id_of(request), event=read.event, sent=sent, text=texts("mobile.late"))
        return said(case_for_device(service, case))

    @post("/{lang:str}/m/case/{case_id:uuid}/check", status_code=200)
    async def submit(request: Asked) -> Response[Any]:
        """Send the request, unless a page is still to be answered."""
        sent, case = sent_with(request), await in_thread(cases.get, case_id_of(request))
        texts = prototype.texts(prototype.view(request).language)
        missing = None if case.submitted else service.next_page(case)
        if missing is not None:
            return said(Problem(message=texts("mobile.missing"), missing=missing.name), status=409)
        case = await in_thread(submitted, cases, case.id, sent=sent, text=texts("mobile.late"))
        return said(case_for_device(service, case))

    return [resume, look, begin, answer, submit]


def begun(cases: Cases, case_id: CaseId, sent: Sent) -> ServiceCase:
    """Open a case, or return the one that the device opened already."""
    try:
        return cases.get(case_id)
    except UnknownCase:
        if not is_fresh(case_id):
            raise
    particulars = MobileEntry(offline=sent.batch is not None)
    at = happened_at(sent.occurred_at, cases.clock())
    return cases.open(CHANNEL, case_id=case_id, particulars=particulars, occurred_at=at)


def kept(cases: Cases, case_id: CaseId, *, event: ServiceEvent, sent: Sent, text: str) -> ServiceCase:
    """Record the answers to one page, and once a batch that they come from where there was no network."""
    at = happened_at(sent.occurred_at, cases.clock())
    tell_batch(cases, case_id, sent=sent, text=text)
    return cases.record(case_id, event, CHANNEL, command_id=sent.command_id, occurred_at=at)


def submitted(cases: Cases, case_id: CaseId, *, sent: Sent, text: str) -> ServiceCase:
    """Send a request, as of when the citizen sent it."""
    tell_batch(cases, case_id, sent=sent, text=text)
    return cases.submit(case_id, CHANNEL, occurred_at=happened_at(sent.occurred_at, cases.clock()))


def tell_batch(cases: Cases, case_id: CaseId, *, sent: Sent, text: str) -> None:
    """Record the contact of a batch, which its first command makes and the others find made."""
    if sent.batch is None:
        return
    cases.contact(
        case_id,
        CHANNEL,
        Direction.IN,
        text,
        by=CITIZEN,
        particulars=MobileEntry(offline=True),
        interaction_id=uuid5(case_id, str(sent.batch)),
        occurred_at=happened_at(sent.occurred_at, cases.clock()),
    )


def drawn(prototype: Prototype, request: Asked, asked: Asking) -> str:
    """Return a page's questions as the web shows them; the standard ones where the project's own need a case."""
    view = prototype.view(request)
    texts = prototype.texts(view.language)
    variant = Showing(prototype.service.variants, None, read_choices(request.cookies.get(VARIANTS)))
    shown = {"prototype": prototype, "variant": variant, "trial": None, "asked": asked}
    own = f"{asked.page.name}.html"
    if prototype.pages.has(own):
        with suppress(UndefinedError):
            return prototype.pages.text("mobile_page.html", view, texts, web_page=own, **shown)
    return prototype.pages.text("mobile_page.html", view, texts, web_page="page.html", **shown)


def sent_with(request: Asked) -> Sent:
    """Return what the device says of a command, beside the form, whose fields are the project's.

    Raises:
        NotFoundException: it says nothing, or makes no identifiers as devices do.
    """
    try:
        sent = msgspec.convert(dict(request.query_params), Sent, strict=False)
    except msgspec.ValidationError as error:
        raise NotFoundException from error
    if not is_fresh(sent.command_id):
        raise NotFoundException
    return sent


def said(answer: Any, *, status: int = 200) -> Response[Any]:  # noqa: ANN401  # what a device is told
    """Return an answer for the application to read."""
    return Response(answer, status_code=status, headers=HEADERS)


def _returning(prototype: Prototype) -> dict[int | type[Exception], Any]:
    def words(request: Asked) -> Texts:
        return prototype.texts(language_of(request.url.path) or prototype.project.languages[0])

    def unknown(request: Asked, _: Exception) -> Response[Any]:
        return said(Problem(message=words(request)("mobile.unknown")), status=404)

    def closed(request: Asked, _: Exception) -> Response[Any]:
        return said(Problem(message=words(request)("mobile.closed")), status=409)

    def refused(request: Asked, refusal: Refusal) -> Response[Any]:
        return said(Problem(message=refusal.message(words(request).language)), status=409)

    return {NotFoundException: unknown, UnknownCase: unknown, CaseIsClosed: closed, Refusal: refused}
