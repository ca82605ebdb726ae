"""Post: letters are scanned and registered at the desk, then filled in as any page; those that leave are printed.

The postmark counts for the citizen's deadlines, the day of receipt for the authority's.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from msgspec import Struct

from labkit.prototype.failures import UnknownCase
from labkit.prototype.letters.forms import LetterForm, ReplyForm, problems
from labkit.prototype.letters.layout import is_letter, laid_out, last_address, read_post_settings
from labkit.prototype.letters.recording import case_for, record_arrived, record_written, today
from labkit.prototype.once import identifier_of
from labkit.prototype.questions import Form, questions_of, read_form
from labkit.prototype.serving import Asked, Prototype, case_id_of, form_of, in_thread, one, see, typed
from labkit.prototype.story import ServiceCase
from labkit.prototype.uploads import read_page
from ledger.domain.events import InteractionRecorded, PostalItem
from ledger.domain.vocabulary import Channel, Direction

CHANNEL = Channel.POST
CASES_MAX = 200
LETTERS_MAX = 200


class Shown(Struct, frozen=True, kw_only=True):
    """One letter as the desk lists it."""

    case: ServiceCase
    contact: InteractionRecorded
    item: PostalItem | None
    outgoing: bool


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes of the post desk."""
    cases = prototype.cases

    def show(request: Asked, form: Form | None = None, *, errors: Mapping[str, str] | None = None) -> Response[str]:
        texts = prototype.texts(prototype.view(request).language)
        blank = {"received_on": today(prototype).isoformat(), "registered": "no"}
        return prototype.page(
            "post_desk.html",
            request,
            status=422 if errors else 200,
            letters=letters(prototype),
            questions=questions_of(LetterForm, texts),
            values=blank if form is None else typed(form),
            errors=errors or {},
            once=identifier_of(form or {}),
        )

    @get("/{lang:str}/desk/post")
    async def desk(request: Asked) -> Response[str]:
        """Show the letters, and what is asked of one that came."""
        return await in_thread(show, request)

    @post("/{lang:str}/desk/post", status_code=303)
    async def register(request: Asked) -> Response[Any]:
        """Register a letter that came, then fill in the pages from it."""
        view = prototype.view(request)
        texts = prototype.texts(view.language)
        form, read = await read_page(prototype, request, LetterForm)
        letter, errors, named = read.event, read.errors, None
        if isinstance(letter, LetterForm):
            named, errors = await in_thread(case_for, prototype, letter, texts=texts)
            errors |= problems(letter, today(prototype), texts)
        if errors or not isinstance(letter, LetterForm):
            return await in_thread(show, request, form, errors=errors)
        letter_id = identifier_of(form)
        case = await in_thread(record_arrived, prototype, letter, letter_id=letter_id, case=named, texts=texts)
        page = prototype.service.next_page(case)
        going_on = f"/page/{page.name}" if page else ""
        return see(f"/{view.language}/desk/case/{case.id}{going_on}?channel={CHANNEL.value}")

    @post("/{lang:str}/desk/post/write", status_code=303)
    async def choose(request: Asked) -> Response[Any]:
        """Go and write a letter on the case that has a reference."""
        view, reference = prototype.view(request), one(await form_of(request), "to")
        try:
            case = await in_thread(cases.find, reference)
        except UnknownCase:
            error = prototype.texts(view.language)("error.no-case", reference=reference)
            return await in_thread(show, request, errors={"to": error})
        return see(f"/{view.language}/desk/post/case/{case.id}")

    @get("/{lang:str}/desk/post/case/{case_id:uuid}", sync_to_thread=False)
    def blank_letter(request: Asked) -> Response[str]:
        """Show an empty letter for a case."""
        case = cases.get(case_id_of(request))
        texts = prototype.texts(prototype.view(request).language)
        values = {"recipient": last_address(case), "subject": texts("service.title"), "registered": "no"}
        return write(request, case, values=values, errors={}, once=uuid4())

    @post("/{lang:str}/desk/post/case/{case_id:uuid}", status_code=303)
    async def write_letter(request: Asked) -> Response[Any]:
        """Record a letter that leaves, and show it as it is printed."""
        view, form = prototype.view(request), await form_of(request)
        case = await in_thread(cases.get, case_id_of(request))
        read, letter_id = read_form(ReplyForm, form, prototype.texts(view.language)), identifier_of(form)
        if not isinstance(read.event, ReplyForm):
            return write(request, case, values=typed(form), errors=read.errors, once=letter_id)
        await in_thread(record_written, prototype, case, reply=read.event, letter_id=letter_id)
        return see(f"/{view.language}/desk/post/case/{case.id}/{letter_id}")

    @get("/{lang:str}/desk/post/case/{case_id:uuid}/{letter_id:uuid}", sync_to_thread=False)
    def letter(request: Asked) -> Response[str]:
        """Show a letter that left, as it is printed."""
        case = cases.get(case_id_of(request))
        found = [c for c in case.contacts() if c.interaction_id == request.path_params["letter_id"] and is_letter(c)]
        if not found:
            raise NotFoundException
        texts, settings = prototype.texts(prototype.view(request).language), read_post_settings(prototype.project)
        shown = laid_out(case, found[0], project=prototype.project, texts=texts, settings=settings)
        return prototype.page("post_letter.html", request, case=case, letter=shown)

    def write(
        request: Asked, case: ServiceCase, *, values: Mapping[str, Any], errors: Mapping[str, str], once: UUID
    ) -> Response[str]:
        questions = questions_of(ReplyForm, prototype.texts(prototype.view(request).language))
        return prototype.page(
            "post_write.html",
            request,
            status=422 if errors else 200,
            case=case,
            questions=questions,
            values=values,
            errors=errors,
            once=once,
        )

    return [desk, register, choose, blank_letter, write_letter, letter]


def letters(prototype: Prototype) -> list[Shown]:
    """Return the letters of the cases that moved last, the latest first."""
    entries = [entry for entry in prototype.cases.entries() if CHANNEL in entry.channels][:CASES_MAX]
    cases = [prototype.cases.get(entry.case_id) for entry in entries]
    contacts = [(case, contact) for case in cases for contact in case.contacts() if contact.channel is CHANNEL]
    latest = sorted(contacts, key=lambda each: each[1].occurred_at, reverse=True)[:LETTERS_MAX]
    return [
        Shown(
            case=case,
            contact=contact,
            item=contact.particulars if isinstance(contact.particulars, PostalItem) else None,
            outgoing=contact.direction is Direction.OUT,
        )
        for case, contact in latest
    ]
