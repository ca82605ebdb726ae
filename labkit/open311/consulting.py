"""The questions that Open311 lets everybody ask: which services there are, and what became of requests."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus

from labkit.open311 import answers
from labkit.open311.answers import Document
from labkit.open311.asking import jurisdiction, read_sought
from labkit.open311.desk import Call, Desk, Reply
from labkit.open311.documents import MEDIA_TYPES, Value
from labkit.open311.errors import refused
from labkit.open311.forms import read_identifier
from labkit.open311.parameters import Parameters
from projections import open311
from projections.keys import to_instant
from projections.open311 import Filed, Offer

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
NOTES_MAX = 100


class Consultation:
    """Answers questions; nothing is recorded here."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._find = desk.register.find

    async def discovery(self, call: Call) -> Reply:
        """Return where the server is, what it speaks, and how to get a key."""
        settings, say = call.reader.settings, call.reader.say
        offers = await self._find(open311.offers)
        changed = [offer.published_at for offer in offers]
        written_at = self._desk.settings_written_at()
        changeset = answers.w3c(max([*changed, *([to_instant(written_at)] if written_at else [])], default=0))
        endpoint: Document = {
            "specification": SPECIFICATION,
            "url": settings.url or call.url,
            "changeset": changeset,
            "type": settings.type,
            "formats": list(MEDIA_TYPES.values()),
        }
        found: Document = {
            "changeset": changeset,
            "contact": call.reader.words(settings, "contact") or say("open311-note.contact"),
            "key_service": call.reader.words(settings, "key_service") or say("open311-note.key-service"),
            "endpoints": [endpoint],
        }
        return Reply(root="discovery", value=found)

    async def services(self, call: Call) -> Reply:
        """Return the services of an authority."""
        offers = await self.offers_of(call.given)
        return Reply(root="services", value=[answers.service(offer, call.reader) for offer in offers])

    async def definition(self, call: Call) -> Reply:
        """Return what is asked for one service."""
        offers = await self.offers_of(call.given)
        found = next((offer for offer in offers if offer.service == call.named), None)
        if found is None:
            raise refused(HTTPStatus.NOT_FOUND, "open311-error.unknown-service", code=call.named)
        return Reply(root="service_definition", value=answers.definition(found, call.reader))

    async def token(self, call: Call) -> Reply:
        """Return the request of a token: as requests have their identifier at once, each is its own token."""
        filed = await self.one(call.given, call.named, "open311-error.unknown-token")
        document: Document = {"service_request_id": str(filed.case_id), "token": call.named}
        return Reply(root="service_requests", value=[document])

    async def request(self, call: Call) -> Reply:
        """Return the state of one request."""
        filed = await self.one(call.given, call.named, "open311-error.unknown-request")
        return await self._requests([filed], call)

    async def requests(self, call: Call) -> Reply:
        """Return the requests that answer to the criteria; identifiers override all of them."""
        authority = jurisdiction(call.given, await self._find(open311.offers))
        identifiers = call.given.listed("service_request_id")
        if identifiers:
            call.given.settle()
            return await self._requests(await self._named(authority, identifiers), call)
        asked = read_sought(call.given, authority, _now())
        offered = {offer.service for offer in await self.offers_of(call.given)}
        for code in asked.services:
            if code not in offered:
                call.given.complain("open311-error.unknown-service", status=HTTPStatus.NOT_FOUND, code=code)
        call.given.settle()
        return await self._requests(await self._find(open311.sought, asked), call)

    async def updates(self, call: Call) -> Reply:
        """Return what was recorded of all requests between two moments, or of those named."""
        authority = jurisdiction(call.given, await self._find(open311.offers))
        asked = read_sought(call.given, authority, _now())
        identifiers = call.given.listed("service_request_id")
        call.given.settle()
        if identifiers:
            filed = await self._named(authority, identifiers)
            each = await self._find(open311.updates_of, [one.case_id for one in filed], NOTES_MAX)
            found = [update for updates in each for update in updates]
        else:
            found = await self._find(open311.updates, asked)
        documents = await asyncio.to_thread(lambda: [answers.update(one, call.reader) for one in found])
        return Reply(root="service_request_updates", value=list[Value](documents))

    async def offers_of(self, given: Parameters) -> Sequence[Offer]:
        """Return the services of the authority that is asked."""
        offers = await self._find(open311.offers)
        authority = jurisdiction(given, offers)
        return [offer for offer in offers if offer.authority == authority]

    async def one(self, given: Parameters, named: str, otherwise: str) -> Filed:
        """Return the request that is named; one that was filed a moment ago is waited for.

        Raises:
            Refused: there is none; `otherwise` says so.
        """
        authority = jurisdiction(given, await self._find(open311.offers))
        found = await self._named(authority, [named])
        if not found:
            raise refused(HTTPStatus.NOT_FOUND, otherwise, id=named)
        return found[0]

    async def _named(self, authority: str, identifiers: Sequence[str]) -> list[Filed]:
        case_ids = [case_id for text in identifiers if (case_id := read_identifier(text))]
        found = await self._find(open311.named, authority, case_ids)
        if len(found) < len(case_ids):
            await self._desk.register.catch_up(await asyncio.to_thread(self._desk.ledger.head))
            found = await self._find(open311.named, authority, case_ids)
        return found

    async def _requests(self, filed: Sequence[Filed], call: Call) -> Reply:
        documents = await asyncio.to_thread(lambda: [answers.request(one, call.reader) for one in filed])
        if call.given.text("extensions") == "true":
            notes = await self._find(open311.updates_of, [one.case_id for one in filed], NOTES_MAX)
            for document, updates in zip(documents, notes, strict=True):
                document["notes"] = await asyncio.to_thread(answers.notes, updates, call.reader)
        return Reply(root="service_requests", value=list[Value](documents))


def _now() -> int:
    return to_instant(datetime.now(UTC))
