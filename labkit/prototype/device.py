"""What a telephone is given to ask questions without network, and what it tells of itself when it is back.

A device makes identifiers and has a clock: both are taken only within bounds. Pure.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from labkit.prototype.events import stem_of
from labkit.prototype.journey import Asking
from labkit.prototype.questions import Question, questions_of, values_of
from labkit.prototype.service import Page, Service, always
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts

AHEAD_MAX = timedelta(minutes=5)
AGE_MAX = timedelta(days=30)
_FRESH_VERSION = 4


class Wrong(Struct, frozen=True, kw_only=True):
    """What to say beside a question that was left empty, or answered with something else."""

    empty: str
    otherwise: str


class DevicePage(Struct, frozen=True, kw_only=True):
    """One page of the journey, drawn beforehand; `always` is false where only a case can tell whether it is asked."""

    name: str
    title: str
    lead: str
    html: str
    always: bool
    questions: list[Question]
    wrong: dict[str, Wrong]


class DeviceJourney(Struct, frozen=True, kw_only=True):
    """The whole journey in one language."""

    service: str
    pages: list[DevicePage]
    words: dict[str, str]


class DeviceCase(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A case as a device needs it: what is asked, what is answered; the answers only where they are asked for."""

    case_id: UUID
    reference: str
    asked: list[str]
    answered: list[str]
    submitted: bool
    closed: bool
    values: dict[str, dict[str, Any]] | None = None


def beforehand(page: Page, texts: Texts) -> Asking:
    """Return a page as it is asked when the case is not known yet."""
    stem = stem_of(page.event)
    return Asking(
        page=page,
        title=texts(f"{stem}.title"),
        lead=texts.get(f"{stem}.lead") or "",
        questions=questions_of(page.event, texts),
        values={},
        errors={},
        number=1,
        count=1,
        previous=None,
    )


def page_for_device(asked: Asking, html: str, texts: Texts) -> DevicePage:
    """Return a drawn page with what a device must know to check its answers."""
    return DevicePage(
        name=asked.page.name,
        title=asked.title,
        lead=asked.lead,
        html=html,
        always=asked.page.when is always,
        questions=asked.questions,
        wrong={question.name: _wrong(question, texts) for question in asked.questions},
    )


def case_for_device(service: Service, case: ServiceCase, *, with_values: bool = False) -> DeviceCase:
    """Return what a device is told of a case."""
    asked = service.asked(case)
    answers = {page.name: event for page in asked if (event := case.latest(page.event)) is not None}
    return DeviceCase(
        case_id=case.id,
        reference=case.reference,
        asked=[page.name for page in asked],
        answered=list(answers),
        submitted=case.submitted,
        closed=case.closed,
        values={name: values_of(event) for name, event in answers.items()} if with_values else None,
    )


def happened_at(told: str, now: datetime) -> datetime:
    """Return when a device says that something happened; a clock that is plainly wrong is not believed."""
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return now
    if moment.tzinfo is None or not now - AGE_MAX <= moment <= now + AHEAD_MAX:
        return now
    return moment


def is_fresh(identifier: UUID) -> bool:
    """Tell whether an identifier was drawn at random, as devices draw them; the kit's own are derived."""
    return identifier.version == _FRESH_VERSION


def _wrong(question: Question, texts: Texts) -> Wrong:
    return Wrong(
        empty=texts("error.required", question=question.label),
        otherwise=texts(f"error.{question.kind}", question=question.label),
    )
