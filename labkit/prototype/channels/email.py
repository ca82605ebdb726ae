"""E-mail: a mailbox that really receives, on a port of this machine, and an outbox of messages to be sent.

A message goes to the case that it names, or begins one; the desk shows what came and what was written.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from msgspec import Struct

from labkit.prototype.mail.outbox import Outbox, State
from labkit.prototype.mail.receiver import Receiver, listening
from labkit.prototype.mail.reception import Reception
from labkit.prototype.mail.sending import send
from labkit.prototype.mail.settings import read_mail_settings
from labkit.prototype.mail.writing import address_of
from labkit.prototype.rendering import HEADERS
from labkit.prototype.serving import Asked, Prototype, in_thread, see
from labkit.prototype.story import ServiceCase
from ledger.domain.events import EmailMessage, InteractionRecorded
from ledger.domain.vocabulary import Channel, Direction

CHANNEL = Channel.EMAIL
CASES_MAX = 200
MESSAGES_MAX = 200
log = logging.getLogger(__name__)


class Shown(Struct, frozen=True, kw_only=True):
    """One message as the desk shows it."""

    case: ServiceCase
    contact: InteractionRecorded
    outgoing: bool
    automatic: bool
    who: str
    state: State | None


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes of the e-mail desk."""

    @get("/{lang:str}/desk/email", sync_to_thread=True)
    def desk(request: Asked) -> Response[str]:
        """Show the messages, in and out, the latest first."""
        return prototype.page(
            "email_desk.html",
            request,
            messages=messages(prototype),
            settings=read_mail_settings(prototype.project),
            port=prototype.ports.get(CHANNEL),
        )

    @get("/{lang:str}/desk/email/{interaction_id:uuid}", sync_to_thread=True)
    def written(request: Asked) -> Response[bytes]:
        """Give a message of the outbox, as a file that mail programs open."""
        raw = Outbox(prototype.data).read(request.path_params["interaction_id"])
        if raw is None:
            raise NotFoundException
        name = f"{request.path_params['interaction_id']}.eml"
        headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(raw, media_type="message/rfc822", headers=headers)

    @post("/{lang:str}/desk/email/{interaction_id:uuid}/send", status_code=303)
    async def send_again(request: Asked) -> Response[Any]:
        """Give the relay once more what it did not take."""
        view, interaction_id = prototype.view(request), UUID(str(request.path_params["interaction_id"]))
        relay = read_mail_settings(prototype.project).relay
        if relay:
            await in_thread(Outbox(prototype.data).send, interaction_id, relay)
        return see(f"/{view.language}/desk/email")

    return [desk, written, send_again]


@asynccontextmanager
async def serving(prototype: Prototype) -> AsyncIterator[None]:
    """Receive messages as long as the prototype runs; where the port is taken, the desk says so."""
    settings = read_mail_settings(prototype.project)
    receiver = Receiver(
        Reception(prototype).receive, lambda recipient: read_mail_settings(prototype.project).receives(recipient)
    )
    async with AsyncExitStack() as stack:
        hostname = settings.address.rpartition("@")[2]
        try:
            prototype.ports[CHANNEL] = await stack.enter_async_context(
                listening(receiver, port=settings.port, hostname=hostname)
            )
        except OSError as error:
            log.warning("Nobody listens for e-mail on port %d: %s", settings.port, error.strerror)
        yield


def sent(prototype: Prototype, case: ServiceCase, contact: InteractionRecorded) -> None:
    """Put what an agent wrote in the outbox."""
    send(prototype, case, contact)


def messages(prototype: Prototype) -> list[Shown]:
    """Return the messages of the cases that moved last, the latest first."""
    outbox = Outbox(prototype.data)
    entries = [entry for entry in prototype.cases.entries() if CHANNEL in entry.channels][:CASES_MAX]
    cases = [prototype.cases.get(entry.case_id) for entry in entries]
    contacts = [(case, contact) for case in cases for contact in case.contacts() if contact.channel is CHANNEL]
    latest = sorted(contacts, key=lambda each: each[1].occurred_at, reverse=True)[:MESSAGES_MAX]
    return [_shown(case, contact, outbox) for case, contact in latest]


def _shown(case: ServiceCase, contact: InteractionRecorded, outbox: Outbox) -> Shown:
    outgoing = contact.direction is Direction.OUT
    return Shown(
        case=case,
        contact=contact,
        outgoing=outgoing,
        automatic=contact.particulars == EmailMessage(automatic=True),
        who=contact.contact or (address_of(case) if outgoing else ""),
        state=outbox.state(contact.interaction_id) if outgoing else None,
    )
