"""What a partner's key lets him record: a new request, or something to add to one that he filed."""

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus

from labkit.open311 import filing
from labkit.open311.consulting import Consultation
from labkit.open311.desk import Call, Desk, Reply
from labkit.open311.documents import Value
from labkit.open311.errors import refused, refused_by_ledger
from labkit.open311.forms import read_addition, read_new_request
from ledger.domain.commands import LedgerCommand
from ledger.store.verdict import Answer


class Reception:
    """Records what partners ask for in the ledger."""

    def __init__(self, desk: Desk, consultation: Consultation) -> None:
        self._desk = desk
        self._consultation = consultation

    async def request(self, call: Call) -> Reply:
        """File a request, and answer with its identifier at once."""
        partner = _partner(call)
        offers = await self._consultation.offers_of(call.given)
        asked = read_new_request(call.given, offers, call.reader.settings)
        said = call.reader.settings.of(asked.offer.service)
        identity = filing.identity(call.secret, call.told_again_by, call.body)
        commands = filing.filing(asked, said, partner=partner, identity=identity, now=datetime.now(UTC))
        opened = await self._record(partner, *commands)
        filed: dict[str, Value] = {
            "service_request_id": str(identity.case_id),
            "service_notice": call.reader.words(said, "notice"),
            "account_id": asked.told.account_id,
        }
        return Reply(root="service_requests", value=[filed], status=_status(opened))

    async def update(self, call: Call) -> Reply:
        """Add to a request what its own partner tells."""
        partner = _partner(call)
        addition = read_addition(call.given)
        filed = await self._consultation.one(call.given, addition.named, "open311-error.unknown-request")
        if filed.filed_by != partner:
            raise refused(HTTPStatus.FORBIDDEN, "open311-error.not-yours")
        command = filing.adding(addition, filed.case_id, partner=partner, secret=call.secret, now=datetime.now(UTC))
        recorded = await self._record(partner, command)
        added: dict[str, Value] = {"update_id": str(recorded.verdict.position), "account_id": None}
        return Reply(root="service_request_updates", value=[added], status=_status(recorded))

    async def _record(self, partner: str, *commands: LedgerCommand) -> Answer:
        stamp = filing.stamp_of(partner, datetime.now(UTC))
        told = [(command, stamp) for command in commands]
        answered = await asyncio.to_thread(self._desk.ledger.execute_together, told)
        for answer in answered:
            if answer.verdict.refusal:
                raise refused_by_ledger(answer.verdict.refusal)
        return answered[0]


def _partner(call: Call) -> str:
    if call.reader.partner is None:
        raise refused(HTTPStatus.FORBIDDEN, "open311-error.no-key")
    return call.reader.partner


def _status(answer: Answer) -> HTTPStatus:
    return HTTPStatus.OK if answer.repeated else HTTPStatus.CREATED
