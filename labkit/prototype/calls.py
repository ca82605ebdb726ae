"""One call: what is said in it, what an agent notes of it, and the contact that the ledger is told of.

A call has an identifier from its first page on, so that it is told once. The call that opened a case is already its
first contact: its end is told only if something was noted or promised.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from litestar import Response
from litestar.exceptions import NotFoundException
from msgspec import Meta, Struct
from msgspec.structs import replace

from labkit.prototype.cases import AGENT, Cases
from labkit.prototype.channel_settings import read_settings
from labkit.prototype.events import PersonalDate, PersonalLines, Phone, ServiceEvent
from labkit.prototype.filling import Noting, filling, noting
from labkit.prototype.journey import Asking
from labkit.prototype.questions import field_type, kind_of
from labkit.prototype.script import Line, lines_of, spelled
from labkit.prototype.service import Service
from labkit.prototype.serving import Asked, Prototype, case_id_of
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import ZONE, Texts
from ledger.domain.events import PhoneCall
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel, Direction, Language

CHANNEL = Channel.TELEPHONE
PROMISED_MAX = timedelta(days=366)


class TelephoneSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `channels/telephone.toml` may say."""

    call_back_hours: Annotated[int, Meta(ge=1, le=336)] = 48
    day_ends: time = time(18)
    texts: dict[str, dict[str, Any]] = {}


class EndOfCall(ServiceEvent, frozen=True, kw_only=True, tag="end-of-call.v1"):
    """What an agent notes at the end of a call: a form, told to the ledger as a contact."""

    call_summary: PersonalLines | None = None
    call_number: Phone | None = None
    call_back: Literal["no", "soon", "day"]
    call_back_day: PersonalDate | None = None


class Call(Struct, frozen=True, kw_only=True):
    """A call about a case, by its identifier."""

    case_id: CaseId
    id: UUID
    direction: Direction = Direction.IN

    def path(self, language: Language) -> str:
        """Return the address of its pages."""
        return f"/{language}/desk/telephone/case/{self.case_id}/{self.direction.value}/{self.id}"


def call_of(request: Asked) -> Call:
    """Return the call that an address names.

    Raises:
        NotFoundException: its direction is none.
    """
    direction = request.path_params["direction"]
    if direction not in {known.value for known in Direction}:
        raise NotFoundException
    return Call(case_id=case_id_of(request), id=request.path_params["call_id"], direction=Direction(direction))


def due_of(end: EndOfCall, settings: TelephoneSettings, *, now: datetime) -> datetime | None:
    """Return by when to call back, if that was promised.

    Raises:
        ValueError: on a day that is missing, past, or too far away to be meant.
    """
    if end.call_back == "no":
        return None
    if end.call_back == "soon":
        return now + timedelta(hours=settings.call_back_hours)
    if end.call_back_day is None:
        raise ValueError(end.call_back)
    due = datetime.combine(end.call_back_day, settings.day_ends, ZONE)
    if not now < due <= now + PROMISED_MAX:
        raise ValueError(due)
    return due


def record_call(cases: Cases, case: ServiceCase, call: Call, end: EndOfCall, promised: datetime | None) -> None:
    """Tell the ledger of a call."""
    opened_the_case = call.id in {contact.interaction_id for contact in case.contacts()[:1]}
    summary, number = end.call_summary or "", end.call_number or ""
    if opened_the_case and not (summary or number or promised):
        return
    cases.contact(
        case.id,
        CHANNEL,
        call.direction,
        summary,
        by=AGENT,
        particulars=PhoneCall(call_back_by=promised),
        contact=number,
        interaction_id=uuid5(call.id, "end") if opened_the_case else call.id,
    )


def number_of(service: Service, case: ServiceCase) -> str:
    """Return the number to call: the one last given on the telephone, else the one answered, else an empty text."""
    given = [contact.contact for contact in case.contacts() if contact.channel is CHANNEL and contact.contact]
    answers = (event for page in service.pages if (event := case.latest(page.event)) is not None)
    answered = (
        getattr(event, name)
        for event in answers
        for name in event.__struct_fields__
        if kind_of(field_type(type(event), name)) == "phone"
    )
    return given[-1] if given else next((number for number in answered if number), "")


def show_call(
    prototype: Prototype,
    request: Asked,
    case: ServiceCase,
    *,
    refused: Asking | None = None,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response[str]:
    """Return the script of a call: what to say, a page to fill in, how it ends."""
    texts, call = prototype.texts(prototype.view(request).language), call_of(request)
    journey = filling(prototype, request, case, refused=refused)
    begun = "begun" in request.query_params or "page_name" in request.path_params
    return prototype.page(
        "telephone_call.html",
        request,
        status=422 if refused or errors else 200,
        call=call,
        opening=[] if begun else opening_lines(prototype, case, call, texts),
        lines=lines_of(journey["asked"], texts) if journey["asked"] else [],
        closing=[Line(say=texts("telephone.closing", reference=spelled(case.reference, texts)))],
        number=number_of(prototype.service, case),
        noting=end_of_call(prototype, texts, values=values, errors=errors),
        **journey,
    )


def opening_lines(prototype: Prototype, case: ServiceCase, call: Call, texts: Texts) -> list[Line]:
    """Return what is said first: who speaks, and to a caller who has a case, that it goes on."""
    words = {"authority": prototype.project.manifest.service.authority_name, "service": texts("service.title")}
    if call.direction is Direction.OUT:
        return [Line(say=texts("telephone.calling-back", **words), note=texts("telephone.check-identity"))]
    known = [contact for contact in case.contacts() if contact.interaction_id != call.id]
    greeting = Line(say=texts("telephone.opening", **words))
    if not known:
        return [greeting]
    return [greeting, Line(say=texts("telephone.known"), note=texts("telephone.check-identity"))]


def end_of_call(
    prototype: Prototype,
    texts: Texts,
    *,
    values: Mapping[str, Any] | None,
    errors: Mapping[str, str] | None,
) -> Noting:
    """Return the form that ends a call; it says what the usual promise amounts to."""
    settings = read_settings(prototype.project, CHANNEL, TelephoneSettings)
    soon = prototype.cases.clock() + timedelta(hours=settings.call_back_hours)
    usual = texts("telephone.usual", hours=settings.call_back_hours, moment=texts.moment(soon))
    form = noting(EndOfCall, texts, values=values or {"call_back": "no"}, errors=errors)
    questions = [replace(asked, hint=usual) if asked.name == "call_back" else asked for asked in form.questions]
    return replace(form, questions=questions)
