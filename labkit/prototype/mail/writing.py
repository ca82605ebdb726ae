"""A contact as a message: from whom, to whom, and how an answer to it is known. Pure.

A message says which case it belongs to in its identifier, its subject and the address at which it is answered, so that
an answer finds the case whatever the mail program leaves of it.
"""

import re
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage as Written
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from msgspec import Struct

from labkit.prototype.mail.reading import ADDRESS
from labkit.prototype.mail.settings import MailSettings
from labkit.prototype.questions import field_type, kind_of
from labkit.prototype.story import ServiceCase
from ledger.domain.events import EmailMessage, InteractionRecorded
from ledger.domain.vocabulary import Channel, Direction

# An identifier as it should be, so not an encoded word: one that looks encoded is decoded, line ends and all.
IDENTIFIER = r"<[A-Za-z0-9!#$%&'*+/=^_`{|}~.-]{1,150}@[A-Za-z0-9.-]{1,98}>"
# Long ones stay as they are: were they text, they would be encoded, and the answer be lost to its thread.
_IDENTIFIERS = HeaderRegistry()
_IDENTIFIERS.map_to_type("in-reply-to", MessageIDHeader)  # type: ignore[arg-type]  # it is mixed into a header, as all are
_IDENTIFIERS.map_to_type("references", MessageIDHeader)  # type: ignore[arg-type]  # the same
_POLICY = SMTP.clone(header_factory=_IDENTIFIERS)
_OURS = re.compile(r"<([A-Za-z0-9-]{1,40})\.([0-9a-f]{32})@")


class Named(Struct, frozen=True):
    """The case and the contact that the identifier of one of our messages names."""

    reference: str
    interaction_id: UUID


def message(
    case: ServiceCase, contact: InteractionRecorded, *, to: str, settings: MailSettings, name: str, subject: str
) -> Written:
    """Return one contact as a message; `name` is whose it is, `subject` what it is about."""
    local, _, domain = settings.address.rpartition("@")
    written = Written(policy=_POLICY)
    written["From"] = Address(_one_line(name), local, domain)
    written["To"] = to
    written["Reply-To"] = settings.tagged(case.reference)
    written["Subject"] = _one_line(f"[{case.reference}] {subject}")
    written["Date"] = format_datetime(contact.occurred_at)
    written["Message-ID"] = f"<{re.sub('[^A-Za-z0-9-]', '', case.reference)}.{contact.interaction_id.hex}@{domain}>"
    if contact.particulars == EmailMessage(automatic=True):
        written["Auto-Submitted"] = "auto-replied"
        written["X-Auto-Response-Suppress"] = "All"
    written.set_content(contact.summary, cte="quoted-printable")
    return written


def named_in(identifier: str) -> Named | None:
    """Return what the identifier of one of our messages names, `None` for somebody else's."""
    found = _OURS.match(identifier)
    return Named(found[1], UUID(found[2])) if found else None


def address_of(case: ServiceCase) -> str:
    """Return where to write: the address among the answers, else the one that first wrote; empty if there is none.

    Whoever knows a reference may write on the case: the last address to do so is not asked to read about it.
    """
    answers = (moment.service_event for moment in reversed(case.moments) if moment.service_event)
    given = (
        getattr(event, field)
        for event in answers
        for field in event.__struct_fields__
        if kind_of(field_type(type(event), field)) == "email"
    )
    wrote = (
        contact.contact
        for contact in case.contacts(Direction.IN)
        if contact.channel is Channel.EMAIL and contact.particulars != EmailMessage(automatic=True)
    )
    return next((address for address in (*given, *wrote) if address and re.fullmatch(ADDRESS, address)), "")


def _one_line(text: str) -> str:
    return " ".join(text.split())
