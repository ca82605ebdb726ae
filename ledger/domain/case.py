"""The state of one case and of one authority, folded from their events."""

from collections.abc import Iterable
from functools import reduce
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.citizen import Citizen
from ledger.domain.events import (
    AuthorityRegistered,
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    CitizenForgotten,
    DocumentAttached,
    DocumentsReceived,
    DocumentsRequested,
    InteractionCorrected,
    InteractionRecorded,
    LedgerEvent,
    ServiceEventRecorded,
    ServicePublished,
    StepRecorded,
)
from ledger.domain.identifiers import CaseId, CitizenRef, InteractionId, RequestId
from ledger.domain.seen import SeenIds
from ledger.domain.vocabulary import AuthorityKind, CaseStatus, Channel, Outcome


class Case(Struct, frozen=True, kw_only=True):
    """What the rules need to know of a case (dossier)."""

    id: CaseId
    version: int
    authority: str
    service: str
    channel: Channel
    citizen: CitizenRef | None
    status: CaseStatus = CaseStatus.OPEN
    unit: str | None = None
    agent: str | None = None
    outcome: Outcome | None = None
    interaction_ids: SeenIds = SeenIds()
    step_ids: SeenIds = SeenIds()
    awaited_request_ids: frozenset[RequestId] = frozenset()
    request_ids: frozenset[RequestId] = frozenset()
    receipt_ids: frozenset[InteractionId] = frozenset()


class Authority(Struct, frozen=True, kw_only=True):
    """What the rules need to know of an authority (collectivité)."""

    siren: str
    version: int
    name: str
    kind: AuthorityKind
    services: dict[str, ServicePublished]


class Placement(Struct, frozen=True, omit_defaults=True):
    """Where an event is filed: whose it is, for which service, on which channel."""

    authority: str | None = None
    service: str | None = None
    channel: Channel = Channel.INTERNAL


State = Case | Authority | Citizen | None


def evolve(state: State, event: LedgerEvent) -> State:
    """Return the state after an event; the event was decided before, so nothing is refused here."""
    match state, event:
        case None, CaseOpened():
            return Case(
                id=event.case_id,
                version=event.version,
                authority=event.authority,
                service=event.service,
                channel=event.channel,
                citizen=event.citizen,
                unit=event.unit,
            )
        case None, AuthorityRegistered():
            return Authority(
                siren=event.authority, version=event.version, name=event.name, kind=event.kind, services={}
            )
        case Authority(), ServicePublished():
            return replace(state, version=event.version, services={**state.services, event.service: event})
        case _, CitizenForgotten():
            return Citizen(ref=event.citizen, version=event.version, forgotten=True)
        case Case(), _:
            return _evolve_case(state, event)
    raise ValueError(f"{type(event).__name__} does not follow {type(state).__name__}")


def _evolve_case(case: Case, event: LedgerEvent) -> Case:  # One branch an event.
    version = event.version
    match event:
        case InteractionRecorded():
            return replace(case, version=version, interaction_ids=case.interaction_ids | event.interaction_id)
        case StepRecorded():
            return replace(case, version=version, step_ids=case.step_ids | event.step_id)
        case DocumentsRequested():
            asked = {event.request_id}
            return replace(
                case,
                version=version,
                request_ids=case.request_ids | asked,
                awaited_request_ids=case.awaited_request_ids | asked,
            )
        case DocumentsReceived():
            answered = {event.request_id} if event.complete else set[RequestId]()
            return replace(
                case,
                version=version,
                awaited_request_ids=case.awaited_request_ids - answered,
                receipt_ids=case.receipt_ids | {event.interaction_id},
            )
        case CaseAssigned():
            return replace(case, version=version, agent=event.agent, unit=event.unit or case.unit)
        case CaseHandedOver():
            return replace(case, version=version, authority=event.to_authority, unit=event.to_unit, agent=None)
        case CaseDecided():
            return replace(case, version=version, outcome=event.outcome)
        case CaseClosed():
            return replace(case, version=version, status=CaseStatus.CLOSED)
        case CaseReopened():
            return replace(case, version=version, status=CaseStatus.OPEN)
        case InteractionCorrected() | DocumentAttached() | ServiceEventRecorded():
            return replace(case, version=version)
        case CaseOpened() | AuthorityRegistered() | ServicePublished() | CitizenForgotten():
            raise ValueError(f"{type(event).__name__} does not follow an open case")
        case _:
            assert_never(event)


def replay(events: Iterable[LedgerEvent], state: State = None) -> State:
    """Fold events, oldest first, into the state they leave."""
    return reduce(evolve, events, state)


def placement(before: State, event: LedgerEvent) -> Placement:
    """Return where an event is filed; a hand-over is filed with the authority that lets the case go."""
    match event:
        case AuthorityRegistered():
            return Placement(authority=event.authority)
        case ServicePublished():
            return Placement(authority=event.authority, service=event.service)
        case CaseOpened():
            return Placement(authority=event.authority, service=event.service, channel=event.channel)
        case CitizenForgotten():
            return Placement()
    if not isinstance(before, Case):
        raise TypeError(f"{type(event).__name__} needs a case")
    own = event.channel if isinstance(event, InteractionRecorded | ServiceEventRecorded) else before.channel
    return Placement(authority=before.authority, service=before.service, channel=own)
