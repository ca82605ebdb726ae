"""The journey that an agent goes through with a citizen, at the counter or on the telephone: one page at a time.

What is particular to a channel, its queue or its script, stays in the room of that channel.
"""

from collections.abc import Mapping
from typing import Any

from litestar.exceptions import NotFoundException
from msgspec import Struct

from labkit.prototype.cases import AGENT
from labkit.prototype.events import ServiceEvent
from labkit.prototype.journey import Asking, answered, asking
from labkit.prototype.questions import Question, questions_of
from labkit.prototype.service import Page
from labkit.prototype.serving import Asked, Prototype, in_thread, page_named, typed
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts
from labkit.prototype.uploads import read_page
from ledger.domain.vocabulary import Channel


class Noting(Struct, frozen=True, kw_only=True):
    """What an agent writes of a contact: the questions, what they hold, what is wrong."""

    questions: list[Question]
    values: Mapping[str, Any] = {}
    errors: Mapping[str, str] = {}


def noting(
    kind: type[ServiceEvent],
    texts: Texts,
    *,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Noting:
    """Return the form that a struct describes, though it is told to the ledger as a contact, not as an event."""
    return Noting(questions=questions_of(kind, texts), values=values or {}, errors=errors or {})


def page_for(prototype: Prototype, request: Asked, case: ServiceCase) -> Page | None:
    """Return the page that an address names, else the first that is still to be answered.

    Raises:
        NotFoundException: this case is not asked that page.
    """
    if "page_name" not in request.path_params:
        return prototype.service.next_page(case)
    page = page_named(prototype, request)
    if page not in prototype.service.asked(case):
        raise NotFoundException
    return page


def filling(
    prototype: Prototype, request: Asked, case: ServiceCase, *, refused: Asking | None = None
) -> dict[str, Any]:
    """Return what a template shows of the journey: the page asked now, and the answers given so far."""
    service, texts = prototype.service, prototype.texts(prototype.view(request).language)
    page, asked = None if case.closed else page_for(prototype, request, case), refused
    if page is not None and asked is None:
        asked = asking(service, case, page, texts, suggested=prototype.suggested(request, page))
    return {
        "case": case,
        "asked": asked,
        "pages": service.asked(case),
        "answered": answered(service, case, texts),
    }


async def keep(prototype: Prototype, request: Asked, case: ServiceCase, channel: Channel) -> Asking | None:
    """Keep what the citizen answered; what cannot be kept is returned as it is to be asked again.

    Raises:
        NotFoundException: this case is not asked that page.
    """
    page = page_for(prototype, request, case)
    if page is None:
        raise NotFoundException
    texts = prototype.texts(prototype.view(request).language)
    form, read = await read_page(prototype, request, page.event)
    if read.event is None:
        return asking(prototype.service, case, page, texts, typed=typed(form), errors=read.errors)
    if read.event != case.latest(page.event):
        await in_thread(prototype.cases.record, case.id, read.event, channel, by=AGENT)
    return None


async def send(prototype: Prototype, case: ServiceCase, channel: Channel) -> None:
    """Send the request, if nothing is missing."""
    if prototype.service.next_page(case) is None:
        await in_thread(prototype.cases.submit, case.id, channel, by=AGENT)
