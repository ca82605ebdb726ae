"""The citizen's journey on any channel: which page comes, what was answered, what is still missing. Pure.

Web and mobile show it as pages, the counter and the telephone read it out, a chatbot asks it in turn.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from labkit.prototype.events import stem_of
from labkit.prototype.questions import Question, answers_of, questions_of, values_of
from labkit.prototype.service import Page, Service
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts


class Asking(Struct, frozen=True, kw_only=True):
    """One page as it is asked of one case: its words, its questions, what they hold, what is wrong."""

    page: Page
    title: str
    lead: str
    questions: list[Question]
    values: Mapping[str, Any]
    errors: Mapping[str, str]
    number: int
    count: int
    previous: Page | None


class Answered(Struct, frozen=True, kw_only=True):
    """One page with the answers given so far."""

    page: Page
    title: str
    answers: list[tuple[str, str]]


def asking(
    service: Service,
    case: ServiceCase,
    page: Page,
    texts: Texts,
    *,
    typed: Mapping[str, Any] | None = None,
    suggested: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Asking:
    """Return a page for a case; what was typed and refused is shown again, what is suggested only to be sent."""
    pages = service.asked(case)
    rank = pages.index(page) if page in pages else 0
    stem, given = stem_of(page.event), case.latest(page.event)
    values = suggested or {} if given is None else values_of(given)
    return Asking(
        page=page,
        title=texts(f"{stem}.title"),
        lead=texts.get(f"{stem}.lead") or "",
        questions=questions_of(page.event, texts),
        values=values if typed is None else typed,
        errors=errors or {},
        number=rank + 1,
        count=len(pages) + 1,
        previous=pages[rank - 1] if rank else None,
    )


def answered(service: Service, case: ServiceCase, texts: Texts) -> list[Answered]:
    """Return the answers given so far, page by page, those of the desk last."""
    pages = [*service.asked(case), *service.desk]
    found = [(page, event) for page in pages if (event := case.latest(page.event)) is not None]
    return [
        Answered(page=page, title=texts(f"{stem_of(page.event)}.title"), answers=answers_of(event, texts))
        for page, event in found
    ]


def step_after(service: Service, case: ServiceCase, page: Page) -> Page | None:
    """Return the page after this one that is still to be answered, `None` when all are."""
    pages = service.asked(case)
    later = pages[pages.index(page) + 1 :] if page in pages else pages
    return next((each for each in later if case.latest(each.event) is None), service.next_page(case))
