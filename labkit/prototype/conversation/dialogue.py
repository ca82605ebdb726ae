"""Where a dialogue stands: what was begun, which answers wait for the rest of their page, and what is asked next. Pure.

Of the case it keeps nothing: what was recorded is found there.
"""

from typing import TypeAlias

from msgspec import Struct

from labkit.prototype.conversation.understanding import Given
from labkit.prototype.events import ServiceEvent
from labkit.prototype.questions import Kind, Question, questions_of, read_form
from labkit.prototype.service import Page, Service
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts

ONLINE_ONLY: frozenset[Kind] = frozenset({"file", "hidden"})


class Dialogue(Struct, frozen=True, kw_only=True):
    """What a thread adds up to; `page` is one that is answered again, `given` the answers of an unfinished page."""

    introduced: bool = False
    begun: bool = False
    page: str | None = None
    given: dict[str, Given] = {}
    misses: int = 0
    human: bool = False


class AtStart(Struct, frozen=True):
    """Nothing was begun: questions are answered, and the journey is offered."""


class AtQuestion(Struct, frozen=True):
    """One question of a page is asked."""

    page: Page
    question: Question


class AtSummary(Struct, frozen=True):
    """A page is complete and waits for a yes."""

    page: Page
    event: ServiceEvent


class AtOnlinePage(Struct, frozen=True):
    """A page needs what cannot be written here, such as a file."""

    page: Page


class AtSending(Struct, frozen=True):
    """Every page is answered: the request may be sent."""


class AtEnd(Struct, frozen=True):
    """The request was sent."""


Place: TypeAlias = AtStart | AtQuestion | AtSummary | AtOnlinePage | AtSending | AtEnd


def where(dialogue: Dialogue, *, service: Service, case: ServiceCase, texts: Texts) -> Place:
    """Return what is asked now."""
    if case.submitted:
        return AtEnd()
    if not dialogue.begun:
        return AtStart()
    page = page_asked(dialogue, service=service, case=case)
    if page is None:
        return AtSending()
    questions = questions_of(page.event, texts)
    if any(question.required and question.kind in ONLINE_ONLY for question in questions):
        return AtOnlinePage(page)
    for question in asked_here(questions):
        if question.name not in dialogue.given:
            return AtQuestion(page, question)
    read = read_form(page.event, dialogue.given, texts)
    if read.event is not None:
        return AtSummary(page, read.event)
    # An answer was understood when the event was declared otherwise, and is asked for again.
    return AtQuestion(page, next(question for question in questions if question.name in read.errors))


def page_asked(dialogue: Dialogue, *, service: Service, case: ServiceCase) -> Page | None:
    """Return the page that is answered again, else the first one that is not answered."""
    again = next((page for page in service.asked(case) if page.name == dialogue.page), None)
    return again or service.next_page(case)


def asked_here(questions: list[Question]) -> list[Question]:
    """Return the questions that can be answered by writing."""
    return [question for question in questions if question.kind not in ONLINE_ONLY]
