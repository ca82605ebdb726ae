"""How letters are recorded, each once: one that came, on its case or on a new one, and one that leaves."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from labkit.prototype.cases import AGENT
from labkit.prototype.documents import Documents
from labkit.prototype.failures import UnknownCase
from labkit.prototype.letters.forms import LetterForm, ReplyForm
from labkit.prototype.letters.layout import one_line
from labkit.prototype.serving import Prototype
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import ZONE, Texts
from ledger.domain.events import PostalItem
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel, Direction

NOON = time(12, tzinfo=ZONE)


def case_for(prototype: Prototype, letter: LetterForm, *, texts: Texts) -> tuple[ServiceCase | None, dict[str, str]]:
    """Return the case that a letter goes on with, if it names one, and what is wrong with that."""
    if letter.reference is None:
        return None, {}
    try:
        case = prototype.cases.find(letter.reference)
    except UnknownCase:
        return None, {"reference": texts("error.no-case", reference=letter.reference)}
    return case, {"reference": texts("post.closed")} if case.closed else {}


def record_arrived(
    prototype: Prototype, letter: LetterForm, *, letter_id: UUID, case: ServiceCase | None, texts: Texts
) -> ServiceCase:
    """Record a letter that came, once however often the form is sent."""
    cases = prototype.cases
    told = _told(prototype, letter_id, case=case)
    if told is not None:
        return told
    scan = Documents(prototype.data).attachment(letter.scan) if letter.scan else None
    about: dict[str, Any] = {
        "by": AGENT,
        "particulars": PostalItem(postmarked_on=letter.postmarked_on, registered=letter.registered),
        "attachments": [scan] if scan else [],
        "contact": one_line(letter.sender),
        "occurred_at": _received_at(letter.received_on, cases.clock()),
    }
    summary = letter.transcription or texts("post.untranscribed")
    if case is None:
        return cases.open(Channel.POST, case_id=CaseId(letter_id), summary=summary, **about)
    return cases.contact(case.id, Channel.POST, Direction.IN, summary, interaction_id=letter_id, **about)


def record_written(prototype: Prototype, case: ServiceCase, *, reply: ReplyForm, letter_id: UUID) -> None:
    """Record a letter that leaves, once however often the form is sent."""
    if any(contact.interaction_id == letter_id for contact in case.contacts()):
        return
    prototype.cases.contact(
        case.id,
        Channel.POST,
        Direction.OUT,
        f"{reply.subject}\n\n{reply.body}",
        particulars=PostalItem(postmarked_on=today(prototype), registered=reply.registered),
        contact=one_line(reply.recipient),
        interaction_id=letter_id,
    )


def today(prototype: Prototype) -> date:
    """Return the day that it is in France."""
    return prototype.cases.clock().astimezone(ZONE).date()


def _told(prototype: Prototype, letter_id: UUID, *, case: ServiceCase | None) -> ServiceCase | None:
    if case is not None:
        return case if any(contact.interaction_id == letter_id for contact in case.contacts()) else None
    try:
        return prototype.cases.get(CaseId(letter_id))
    except UnknownCase:
        return None


def _received_at(day: date, now: datetime) -> datetime:
    """Return the moment at which a letter came: nobody noted the hour of an earlier day."""
    return now if day == now.astimezone(ZONE).date() else datetime.combine(day, NOON)
