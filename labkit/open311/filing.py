"""What a partner asks, as commands of the ledger: a case of the partner channel and the event of its service.

The partner is told by the name of his key; the citizen has no reference here, so what is personal is sealed
under the case's own key. Everything is recorded together: there is no case without its event.
"""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

from msgspec import Struct

from labkit.open311.forms import Addition, NewRequest
from labkit.open311.settings import ServiceSettings
from labkit.open311.told import Told, write_told
from ledger.domain.commands import LedgerCommand, OpenCase, RecordInteraction, RecordServiceEvent
from ledger.domain.events import PartnerReferral, Stamp
from ledger.domain.identifiers import CaseId, CommandId, Facts, InteractionId
from ledger.domain.vocabulary import Channel, Direction
from ledger.store.identities import new_id
from projections.filings import BY_OPEN311, FILED

# A thousandth of a degree is some hundred metres, in France a little less from east to west.
ROUNDED_DIGITS = 3
CONTACT_MAX = 200


class Identity(Struct, frozen=True, kw_only=True):
    """The identifiers of a command and of its case."""

    command_id: CommandId
    case_id: CaseId


def identity(secret: str, told_again_by: str | None, body: bytes) -> Identity:
    """Return identifiers: new ones or, under an idempotency key, those that the same request always has.

    Another request under the same key has the same command and another case, which the ledger refuses. The
    secret of the API key is in both, so that nobody can find out by trying what a request held.
    """
    if told_again_by is None:
        return Identity(command_id=CommandId(new_id()), case_id=CaseId(new_id()))
    return Identity(
        command_id=CommandId(_derived(secret, b"command", told_again_by.encode())),
        case_id=CaseId(_derived(secret, b"case", told_again_by.encode(), body)),
    )


def stamp_of(partner: str, now: datetime) -> Stamp:
    """Return who records, and when."""
    return Stamp(by=BY_OPEN311 + partner, recorded_at=now)


def filing(
    asked: NewRequest, said: ServiceSettings, *, partner: str, identity: Identity, now: datetime
) -> tuple[LedgerCommand, LedgerCommand]:
    """Return the commands that file a request."""
    opening = OpenCase(
        command_id=identity.command_id,
        occurred_at=now,
        case_id=identity.case_id,
        authority=asked.offer.authority,
        service=asked.offer.service,
        channel=Channel.PARTNER,
        interaction_id=InteractionId(uuid5(identity.case_id, "opening")),
        deadline=now + timedelta(days=asked.offer.answer_days) if asked.offer.answer_days else None,
        particulars=PartnerReferral(partner),
        title=asked.offer.name,
        summary=asked.description,
        contact=_contact(asked.told),
    )
    event = RecordServiceEvent(
        command_id=CommandId(uuid5(identity.command_id, FILED)),
        occurred_at=now,
        case_id=identity.case_id,
        name=FILED,
        channel=Channel.PARTNER,
        facts={"partner": partner, **_place(asked.told, said)},
        content=write_told(asked.told),
    )
    return opening, event


def adding(addition: Addition, case_id: UUID, *, partner: str, secret: str, now: datetime) -> LedgerCommand:
    """Return the command that records what a partner adds; under the partner's own identifier only once."""
    command_id = _derived(secret, b"update", case_id.bytes, addition.update_id.encode())
    return RecordInteraction(
        command_id=CommandId(command_id if addition.update_id else new_id()),
        occurred_at=now,
        case_id=CaseId(case_id),
        interaction_id=InteractionId(uuid5(command_id, "contact") if addition.update_id else new_id()),
        channel=Channel.PARTNER,
        direction=Direction.IN,
        particulars=PartnerReferral(partner),
        summary=addition.description,
    )


def _contact(told: Told) -> str:
    name = " ".join(filter(None, (told.first_name, told.last_name)))
    return " · ".join(filter(None, (name, told.email, told.phone)))[:CONTACT_MAX]


def _place(told: Told, said: ServiceSettings) -> Facts:
    if told.lat is None or told.long is None or said.location_shown == "none":
        return {}
    if said.location_shown == "exact":
        return {"lat": told.lat, "long": told.long}
    return {"lat": round(told.lat, ROUNDED_DIGITS), "long": round(told.long, ROUNDED_DIGITS)}


def _derived(secret: str, *parts: bytes) -> UUID:
    told = b"".join(len(part).to_bytes(8) + part for part in parts)
    return UUID(bytes=hmac.digest(secret.encode(), told, sha256)[:16], version=4)
