"""How a contact leaves by e-mail: as a message in the outbox, then by the relay, if the settings name one."""

import re

from labkit.prototype.mail.outbox import Outbox
from labkit.prototype.mail.reading import ADDRESS
from labkit.prototype.mail.settings import read_mail_settings
from labkit.prototype.mail.writing import IDENTIFIER, address_of, message
from labkit.prototype.serving import Prototype
from labkit.prototype.story import ServiceCase
from ledger.domain.events import InteractionRecorded


def send(prototype: Prototype, case: ServiceCase, contact: InteractionRecorded, *, answering: str = "") -> None:
    """Put what was written in the outbox, once; where nobody's address is known, the desk says so."""
    project = prototype.project
    settings = read_mail_settings(project)
    to = contact.contact if re.fullmatch(ADDRESS, contact.contact) else address_of(case)
    outbox = Outbox(prototype.data)
    if not to or outbox.state(contact.interaction_id):
        return
    subject = project.texts(project.languages[0])("service.title")
    name = project.manifest.service.authority_name
    written = message(case, contact, to=to, settings=settings, name=name, subject=subject)
    if re.fullmatch(IDENTIFIER, answering):
        written["In-Reply-To"] = written["References"] = answering
    outbox.put(contact.interaction_id, written)
    if settings.relay:
        outbox.send(contact.interaction_id, settings.relay)
