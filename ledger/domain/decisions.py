"""The rules: pure functions from state and command to events or a named refusal.

First the repeat, which changes nothing; then the refusals, one each; then the events. Here: which rule
answers which command, and the life of a case; its contacts and documents are in `contacts`, authorities
and citizens in `registration`.
"""

from typing import assert_never

from ledger.domain.case import Authority, Case, State
from ledger.domain.commands import (
    AssignCase,
    CloseCase,
    DecideCase,
    ForgetCitizen,
    HandOverCase,
    LedgerCommand,
    OpenCase,
    PublishService,
    RecordServiceEvent,
    RecordStep,
    RegisterAuthority,
    ReopenCase,
)
from ledger.domain.contacts import ContactCommand, decide_contact
from ledger.domain.errors import (
    CaseAlreadyExists,
    CaseIsOpen,
    NowhereToHandOver,
    UnknownAuthority,
    UnknownCase,
    UnknownService,
)
from ledger.domain.events import (
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    InteractionRecorded,
    ServiceEventRecorded,
    Stamp,
    StepRecorded,
)
from ledger.domain.guards import (
    CLOCK_TOLERANCE,
    Events,
    check_happened,
    check_open,
    check_particulars,
    header,
)
from ledger.domain.registration import forget_citizen, publish_service, register_authority
from ledger.domain.vocabulary import CaseStatus

__all__ = ["CLOCK_TOLERANCE", "Events", "authority_read_by", "decide"]

CaseworkCommand = RecordStep | AssignCase | HandOverCase | DecideCase | CloseCase | ReopenCase | RecordServiceEvent


def decide(command: LedgerCommand, state: State, stamp: Stamp, authority: Authority | None = None) -> Events:
    """Answer a command with its events; `authority` is the one that `authority_read_by` names."""
    check_happened(command.occurred_at, stamp)
    match command:
        case RegisterAuthority():
            return register_authority(state, command, stamp)
        case PublishService():
            return publish_service(state, command, stamp)
        case ForgetCitizen():
            return forget_citizen(state, command, stamp)
        case OpenCase():
            return open_case(state, command, stamp, authority)
    if not isinstance(state, Case):
        raise UnknownCase(case_id=str(command.case_id))
    if isinstance(command, ContactCommand):
        return decide_contact(state, command, stamp)
    return _decide_casework(state, command, stamp, authority)


def _decide_casework(case: Case, command: CaseworkCommand, stamp: Stamp, authority: Authority | None) -> Events:
    match command:
        case RecordStep():
            return record_step(case, command, stamp)
        case AssignCase():
            return assign_case(case, command, stamp)
        case HandOverCase():
            return hand_over_case(case, command, stamp, authority)
        case DecideCase():
            return decide_case(case, command, stamp)
        case CloseCase():
            return close_case(case, command, stamp)
        case ReopenCase():
            return reopen_case(case, command, stamp)
        case RecordServiceEvent():
            return record_service_event(case, command, stamp)
        case _:
            assert_never(command)


def authority_read_by(command: LedgerCommand) -> str | None:
    """Name the authority that a rule looks at beside the command's own stream."""
    match command:
        case OpenCase():
            return command.authority
        case HandOverCase():
            return command.to_authority
        case _:
            return None


def open_case(case: State, command: OpenCase, stamp: Stamp, authority: Authority | None) -> Events:
    """Open a case with the contact that begins it."""
    if isinstance(case, Case) and command.interaction_id in case.interaction_ids:
        return ()
    if case is not None:
        raise CaseAlreadyExists(case_id=str(command.case_id))
    if authority is None:
        raise UnknownAuthority(authority=command.authority)
    if command.service not in authority.services:
        raise UnknownService(authority=command.authority, service=command.service)
    check_particulars(command.particulars, command.channel)
    return (_opened(command, stamp), _first_contact(command, stamp))


def _opened(command: OpenCase, stamp: Stamp) -> CaseOpened:
    return CaseOpened(
        **header(command, stamp, version=1),
        authority=command.authority,
        service=command.service,
        channel=command.channel,
        citizen=command.citizen,
        unit=command.unit,
        deadline=command.deadline,
        reference=command.reference,
        title=command.title,
    )


def _first_contact(command: OpenCase, stamp: Stamp) -> InteractionRecorded:
    return InteractionRecorded(
        **header(command, stamp, version=2),
        interaction_id=command.interaction_id,
        channel=command.channel,
        direction=command.direction,
        citizen=command.citizen,
        particulars=command.particulars,
        attachments=command.attachments,
        summary=command.summary,
        contact=command.contact,
    )


def record_step(case: Case, command: RecordStep, stamp: Stamp) -> Events:
    """Add one étape to an open case; a repeated identifier changes nothing."""
    if command.step_id in case.step_ids:
        return ()
    check_open(case)
    return (
        StepRecorded(
            **header(command, stamp, version=case.version + 1),
            step_id=command.step_id,
            activity=command.activity,
            agent=command.agent,
            unit=command.unit,
        ),
    )


def assign_case(case: Case, command: AssignCase, stamp: Stamp) -> Events:
    """Put an agent in charge; the same assignment again changes nothing."""
    if (case.agent, case.unit) == (command.agent, command.unit or case.unit):
        return ()
    check_open(case)
    return (CaseAssigned(**header(command, stamp, version=case.version + 1), agent=command.agent, unit=command.unit),)


def hand_over_case(case: Case, command: HandOverCase, stamp: Stamp, authority: Authority | None) -> Events:
    """Hand a case over to another unit or another authority."""
    check_open(case)
    to_authority = command.to_authority or case.authority
    if (to_authority, command.to_unit) in {(case.authority, case.unit), (case.authority, None)}:
        raise NowhereToHandOver(case_id=str(case.id))
    if command.to_authority and authority is None:
        raise UnknownAuthority(authority=command.to_authority)
    return (
        CaseHandedOver(
            **header(command, stamp, version=case.version + 1),
            from_authority=case.authority,
            to_authority=to_authority,
            reason=command.reason,
            citizen=case.citizen,
            from_unit=case.unit,
            to_unit=command.to_unit,
        ),
    )


def decide_case(case: Case, command: DecideCase, stamp: Stamp) -> Events:
    """Take a decision; a later one replaces it."""
    check_open(case)
    return (
        CaseDecided(
            **header(command, stamp, version=case.version + 1),
            outcome=command.outcome,
            citizen=case.citizen,
            grounds=command.grounds,
        ),
    )


def close_case(case: Case, command: CloseCase, stamp: Stamp) -> Events:
    """Close an open case."""
    check_open(case)
    return (CaseClosed(**header(command, stamp, version=case.version + 1), reason=command.reason),)


def reopen_case(case: Case, command: ReopenCase, stamp: Stamp) -> Events:
    """Let a closed case go on."""
    if case.status is CaseStatus.OPEN:
        raise CaseIsOpen(case_id=str(case.id))
    return (
        CaseReopened(**header(command, stamp, version=case.version + 1), reason=command.reason, citizen=case.citizen),
    )


def record_service_event(case: Case, command: RecordServiceEvent, stamp: Stamp) -> Events:
    """Add what is particular to the service to an open case; the ledger carries it and does not interpret it."""
    check_open(case)
    return (
        ServiceEventRecorded(
            **header(command, stamp, version=case.version + 1),
            name=command.name,
            channel=command.channel,
            citizen=case.citizen,
            facts=command.facts,
            content=command.content,
        ),
    )
