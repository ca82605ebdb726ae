"""What every row records: one contact on one of 300 cases of some twenty events each; and our commands."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from ledger.application import CaseLedger
from ledger.domain.commands import LedgerCommand, OpenCase, PublishService, RecordInteraction, RegisterAuthority
from ledger.domain.events import Stamp
from ledger.domain.identifiers import CaseId, CitizenRef, CommandId, InteractionId
from ledger.domain.vocabulary import AuthorityKind, Channel, Direction
from ledger.store.identities import new_id

CASES, EVENTS_BEFORE = 300, 20
AUTHORITY, SERVICE = "200067254", "cantine"
SUMMARY = "L’usagère demande où en est son dossier ; on lui dit quelles pièces manquent encore."
FIELDS = {
    "interaction_id": "0192f0c4-5d7e-7c3a-9f2b-6a1d3e5c7b90",
    "channel": "telephone",
    "direction": "in",
    "agent": "pau.accueil.3",
    "summary": SUMMARY,
    "occurred_at": "2026-11-22T10:11:12+00:00",
}
"""The contact as a peer gets it, which neither seals nor files it."""
PAYLOAD = msgspec.json.encode({**FIELDS, "citizen": "0192f0c4-5d7e-7c3a-9f2b-6a1d3e5c7b91", "case": "2026-000123"})
"""The contact as bytes, for what stores or carries bytes."""


def a_contact(case: CaseId, new: Callable[[], UUID] = new_id) -> RecordInteraction:
    """Return the command that every row of ours repeats, its identifiers in the order of time unless made otherwise."""
    return RecordInteraction(
        command_id=CommandId(new()),
        occurred_at=datetime.now(UTC),
        case_id=case,
        interaction_id=InteractionId(new()),
        channel=Channel.TELEPHONE,
        direction=Direction.IN,
        summary=SUMMARY,
    )


def a_stamp() -> Stamp:
    """Return who records, now."""
    return Stamp(by="pau.accueil.3", recorded_at=datetime.now(UTC))


def open_cases(ledger: CaseLedger, count: int = CASES, *, events_before: int = EVENTS_BEFORE) -> list[CaseId]:
    """Open cases of citizens of their own, each with some contacts already."""
    cases = [CaseId(new_id()) for _ in range(count)]
    take(ledger, [a_registration(), a_publication()])
    take(ledger, [an_opening(case) for case in cases])
    for _ in range(events_before - 1):
        take(ledger, [a_contact(case) for case in cases])
    return cases


def take(ledger: CaseLedger, commands: Sequence[LedgerCommand]) -> None:
    """Have a ledger take commands, in groups as large as it likes."""
    stamp = a_stamp()
    for answer in [ledger.submit(command, stamp) for command in commands]:
        if refusal := answer.result().verdict.refusal:
            raise RuntimeError(refusal.code)


def a_registration() -> RegisterAuthority:
    """Return the command that makes an authority known."""
    return RegisterAuthority(**_header(), authority=AUTHORITY, name="CA Pau Béarn Pyrénées", kind=AuthorityKind.EPCI)


def a_publication() -> PublishService:
    """Return the command that offers a service."""
    return PublishService(**_header(), authority=AUTHORITY, service=SERVICE, name="Cantine")


def an_opening(case: CaseId) -> OpenCase:
    """Return the command that opens a case, of a citizen of its own."""
    return OpenCase(
        **_header(),
        case_id=case,
        authority=AUTHORITY,
        service=SERVICE,
        channel=Channel.COUNTER,
        interaction_id=InteractionId(new_id()),
        citizen=CitizenRef(uuid4()),
        summary=SUMMARY,
    )


def _header() -> dict[str, Any]:
    return {"command_id": CommandId(new_id()), "occurred_at": datetime.now(UTC)}
