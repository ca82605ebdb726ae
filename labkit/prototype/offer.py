"""The service as the ledger knows it: whose it is, what it is called, and the commands that make it known. Pure."""

from datetime import datetime
from uuid import uuid5

from msgspec import Struct

from ledger.domain.commands import PublishService, RegisterAuthority
from ledger.domain.identifiers import CommandId, authority_stream
from ledger.domain.vocabulary import AuthorityKind


class Offer(Struct, frozen=True, kw_only=True):
    """The service as the ledger knows it: whose it is, and what it is called."""

    authority: str
    authority_name: str
    authority_kind: AuthorityKind = AuthorityKind.COMMUNE
    service: str
    service_name: str
    answer_days: int | None = None


def announcing(offer: Offer, at: datetime, *, known: bool) -> list[RegisterAuthority | PublishService]:
    """Return the commands that offer a service, after those that make an authority known that is not yet."""
    stream = authority_stream(offer.authority)
    register = RegisterAuthority(
        command_id=CommandId(uuid5(stream, f"register at {at.isoformat()}")),
        occurred_at=at,
        authority=offer.authority,
        name=offer.authority_name,
        kind=offer.authority_kind,
    )
    publish = PublishService(
        command_id=CommandId(uuid5(stream, f"publish {offer.service} at {at.isoformat()}")),
        occurred_at=at,
        authority=offer.authority,
        service=offer.service,
        name=offer.service_name,
        answer_days=offer.answer_days,
    )
    return [publish] if known else [register, publish]
