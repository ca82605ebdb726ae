"""What becomes of a message: a contact of the case that it names, else a case of its own; then what it answers.

Every message is kept whole, as a document of its case, beside what was read of it. The same message twice is told once.
Machines are never answered, and nobody is answered without end.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID, uuid5

from msgspec import Struct

from labkit.prototype.cases import CITIZEN
from labkit.prototype.documents import Documents, NotKept
from labkit.prototype.failures import UnknownCase
from labkit.prototype.mail.acknowledging import Acknowledger
from labkit.prototype.mail.answering import take_answers
from labkit.prototype.mail.cutting import new_text
from labkit.prototype.mail.reading import ADDRESS, Mail, plain, read
from labkit.prototype.mail.sending import send
from labkit.prototype.mail.settings import MailSettings, read_mail_settings
from labkit.prototype.mail.writing import named_in
from labkit.prototype.serving import Prototype
from labkit.prototype.story import ServiceCase
from ledger.domain.errors import Refusal
from ledger.domain.events import Attachment, EmailMessage
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel, Direction, Language

SUMMARY_MAX = 4_000
CONTACT_MAX = 200
REFERENCES_MAX = 10
_CUT = "\n[…]"
_MESSAGES = UUID("5b1f4b0e-6a3b-4d0c-9a52-3f6f3a1c7e10")
_REFERENCE = re.compile(r"\b(?=([a-z0-9]{3}[- ]?[a-z0-9]{3})\b)", re.IGNORECASE)  # Overlapping: « for K7F-3QX »


class Delivery(Struct, frozen=True, kw_only=True):
    """A message as it came: its bytes, and the addresses on its envelope."""

    raw: bytes
    sender: str = ""
    recipients: tuple[str, ...] = ()


class Reception:
    """Takes messages in, one after the other: its caller lets no two in at once."""

    def __init__(self, prototype: Prototype) -> None:
        """Take messages in for a prototype."""
        self._prototype = prototype
        self._cases = prototype.cases
        self._acknowledger = Acknowledger(prototype)

    def receive(self, delivery: Delivery) -> ServiceCase:
        """Record a message and what it answers, acknowledge it, and return its case.

        Whatever was done already is not done again: a message that was interrupted is only finished.
        """
        mail = read(delivery.raw)
        settings = read_mail_settings(self._prototype.project)
        identity = _identity(mail, delivery, service=self._cases.offer.service)
        sender = mail.sender or plain(delivery.sender)
        automatic = mail.automatic or not delivery.sender or settings.receives(sender)
        named = self._named(mail, delivery, settings)
        words = new_text(mail.text, mail.subject)
        case = self._told(identity, named) or self._record(
            identity,
            named,
            summary=self._summary(mail.subject, words),
            contact=sender if len(sender) <= CONTACT_MAX else "",
            particulars=EmailMessage(automatic=automatic),
            attachments=self._documents(mail, delivery),
        )
        acknowledged = uuid5(identity, f"acknowledged {case.id}")
        if automatic or case.closed:
            return case
        told = next((contact for contact in case.contacts() if contact.interaction_id == acknowledged), None)
        if told is not None:
            send(self._prototype, case, told, answering=mail.message_id)
            return case
        case = take_answers(self._prototype, case, words)
        if not re.fullmatch(ADDRESS, sender):
            return case
        return self._acknowledger.acknowledge(
            case,
            sender,
            language=self._language(mail),
            interaction_id=acknowledged,
            answering=mail.message_id,
        )

    def _named(self, mail: Mail, delivery: Delivery, settings: MailSettings) -> ServiceCase | None:
        """Return the case that a message names: by what it answers, by its address, by its subject."""
        for named in filter(None, map(named_in, mail.answers_to)):
            case = self._find(named.reference)
            if case and any(contact.interaction_id == named.interaction_id for contact in case.contacts(Direction.OUT)):
                return case
        tags = filter(None, map(settings.tag_of, (*delivery.recipients, *mail.recipients)))
        references = (*dict.fromkeys(tags), *_references(mail.subject))[:REFERENCES_MAX]
        return next(filter(None, map(self._find, references)), None)

    def _find(self, reference: str) -> ServiceCase | None:
        try:
            return self._cases.find(reference)
        except UnknownCase:
            return None

    def _told(self, identity: UUID, named: ServiceCase | None) -> ServiceCase | None:
        if named and any(contact.interaction_id == _told_on(named, identity) for contact in named.contacts()):
            return named
        try:
            return self._cases.get(_own_case(identity))
        except UnknownCase:
            return None

    def _record(
        self,
        identity: UUID,
        named: ServiceCase | None,
        *,
        summary: str,
        contact: str,
        particulars: EmailMessage,
        attachments: list[Attachment],
    ) -> ServiceCase:
        if named is not None:
            try:
                return self._cases.contact(
                    named.id,
                    Channel.EMAIL,
                    Direction.IN,
                    summary,
                    by=CITIZEN,
                    particulars=particulars,
                    attachments=attachments,
                    contact=contact,
                    interaction_id=_told_on(named, identity),
                )
            except Refusal:
                # Closed, most often: nothing that was written is lost, so it begins a case of its own.
                pass
        return self._cases.open(
            Channel.EMAIL,
            case_id=_own_case(identity),
            particulars=particulars,
            attachments=attachments,
            summary=summary,
            contact=contact,
        )

    def _summary(self, subject: str, words: str) -> str:
        said = "\n\n".join(filter(None, (subject, words))) or self._prototype.texts(self._languages[0])("email.empty")
        return said if len(said) <= SUMMARY_MAX else said[: SUMMARY_MAX - len(_CUT)] + _CUT

    def _documents(self, mail: Mail, delivery: Delivery) -> list[Attachment]:
        documents = Documents(self._prototype.data)
        kept: dict[str, Attachment] = {}
        for content, media_type in [(delivery.raw, "message/rfc822"), *((p.content, p.media_type) for p in mail.parts)]:
            try:
                attachment = documents.keep(content, media_type)
            except NotKept:
                continue
            kept.setdefault(attachment.digest, attachment)
        return list(kept.values())

    def _language(self, mail: Mail) -> Language:
        return next((language for language in self._languages if language == mail.language), self._languages[0])

    @property
    def _languages(self) -> tuple[Language, ...]:
        return self._prototype.project.languages


def _identity(mail: Mail, delivery: Delivery, *, service: str) -> UUID:
    """Return what names a message: its identifier and its sender, its bytes if it has none.

    Two services may share a ledger, and one message be written to both.
    """
    named = f"{mail.message_id} {mail.sender}" if mail.message_id else sha256(delivery.raw).hexdigest()
    return uuid5(_MESSAGES, f"{service} {named}")


def _told_on(case: ServiceCase, identity: UUID) -> UUID:
    """Return what names a message on a case: one message may come once for each of two cases that it is written to."""
    return uuid5(identity, str(case.id))


def _own_case(identity: UUID) -> CaseId:
    return CaseId(uuid5(identity, "case"))


def _references(subject: str) -> Iterator[str]:
    """Return what may be references: six letters and digits, with a hyphen or at least one digit among them."""
    found = (match[1] for match in _REFERENCE.finditer(subject))
    return (each for each in found if "-" in each or any(letter.isdigit() for letter in each))
