"""A case begun again from any of its moments: a new case, of a citizen of its own, with copies of what happened.

Copies keep when things happened; who did them becomes `fork:agent`, `fork:rules` and so on, so that nothing copied
passes for something done. What belongs to an experiment or to a trial stays with the case that it happened to.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4, uuid5

from msgspec import Struct

from labkit.prototype.cases import Cases
from labkit.prototype.events import name_of, split
from labkit.prototype.kit_events import CaseForked, NoteTaken, TrialBegun, TrialEnded, TrialPrepared, VariantShown
from labkit.prototype.story import Moment, ServiceCase
from ledger.domain.commands import (
    AssignCase,
    AttachDocument,
    CloseCase,
    CorrectInteraction,
    DecideCase,
    HandOverCase,
    LedgerCommand,
    OpenCase,
    ReceiveDocuments,
    RecordInteraction,
    RecordServiceEvent,
    RecordStep,
    ReopenCase,
    RequestDocuments,
)
from ledger.domain.events import (
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseEvent,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    DocumentAttached,
    DocumentsReceived,
    DocumentsRequested,
    InteractionCorrected,
    InteractionRecorded,
    ServiceEventRecorded,
    StepRecorded,
)
from ledger.domain.identifiers import AgentRef, CaseId, CitizenRef, CommandId
from ledger.domain.vocabulary import Channel
from ledger.store.identities import new_id

FORK: AgentRef = "fork"
AGENT_LENGTH_MAX = 64
_OF_A_TRIAL = (TrialPrepared, TrialBegun, NoteTaken, TrialEnded)
NOT_COPIED = frozenset(name_of(kind) for kind in (CaseForked, VariantShown, *_OF_A_TRIAL))

# A command repeats its event by fields of the same names; these three identify something inside the new case.
_COMMANDS: dict[type[CaseEvent], type[LedgerCommand]] = {
    CaseOpened: OpenCase,
    InteractionRecorded: RecordInteraction,
    InteractionCorrected: CorrectInteraction,
    StepRecorded: RecordStep,
    DocumentsRequested: RequestDocuments,
    DocumentsReceived: ReceiveDocuments,
    DocumentAttached: AttachDocument,
    CaseAssigned: AssignCase,
    CaseHandedOver: HandOverCase,
    CaseDecided: DecideCase,
    CaseClosed: CloseCase,
    CaseReopened: ReopenCase,
    ServiceEventRecorded: RecordServiceEvent,
}
_IDENTIFIERS = ("interaction_id", "request_id", "step_id")
_WITH_A_CONTACT = CaseOpened | DocumentsRequested | DocumentsReceived


class Beginning(Struct, frozen=True, kw_only=True):
    """The new case, before it exists."""

    case_id: CaseId
    citizen: CitizenRef
    reference: str


class Copy(Struct, frozen=True, kw_only=True):
    """A command that repeats what happened, and in whose name."""

    command: LedgerCommand
    by: AgentRef


def fork(cases: Cases, case: ServiceCase, version: int) -> ServiceCase:
    """Return a new case that stands where another stood at a version.

    Raises:
        Refusal: a rule of the ledger says no, for example to a hand-over whose authority is unknown here.
    """
    begun = Beginning(case_id=CaseId(new_id()), citizen=CitizenRef(uuid4()), reference=cases.new_reference())
    for copy in copies_of(case, version, begun):
        cases.execute(copy.command, copy.by)
    return cases.get(begun.case_id)


def copies_of(case: ServiceCase, version: int, begun: Beginning) -> Iterator[Copy]:
    """Yield what repeats a case up to a version, without what stays with the case that it happened to."""
    last = case.until(version).moments[-1]
    for moment, command in commands_of(case, version, begun):
        if moment.name not in NOT_COPIED:
            yield Copy(command=command, by=copied(moment.event.stamp.by))
        if isinstance(moment.event, CaseOpened):
            yield Copy(command=_mark(case, last, begun), by=FORK)


def commands_of(case: ServiceCase, version: int, begun: Beginning) -> Iterator[tuple[Moment, LedgerCommand]]:
    """Yield the command that makes each moment happen again; a contact comes with what it belongs to."""
    told = case.until(version).moments
    told_with = {moment.version + 1 for moment in told if isinstance(moment.event, _WITH_A_CONTACT)}
    for moment in told:
        if moment.version not in told_with and not _is_void(moment.event):
            yield moment, _command(case, moment, begun)


def copied(by: AgentRef) -> AgentRef:
    """Return in whose name a copy is recorded."""
    return f"{FORK}:{by.removeprefix(f'{FORK}:')}"[:AGENT_LENGTH_MAX]


def is_copied(moment: Moment) -> bool:
    """Tell whether something was copied from another case."""
    return moment.event.stamp.by.startswith(f"{FORK}:")


def _command(case: ServiceCase, moment: Moment, begun: Beginning) -> LedgerCommand:
    kind = _COMMANDS[type(moment.event)]
    contact = case.moments[moment.version].event if isinstance(moment.event, _WITH_A_CONTACT) else moment.event
    fields = _fields(contact) | _fields(moment.event)
    fields |= {name: uuid5(begun.case_id, str(fields[name])) for name in _IDENTIFIERS if name in fields}
    fields |= {"case_id": begun.case_id, "citizen": begun.citizen, "reference": begun.reference}
    fields["command_id"] = uuid5(begun.case_id, f"copy {moment.version}")
    return kind(**{name: value for name, value in fields.items() if name in kind.__struct_fields__})


def _fields(event: CaseEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


def _mark(case: ServiceCase, last: Moment, begun: Beginning) -> RecordServiceEvent:
    forked = CaseForked(origin=str(case.id), until=last.version)
    return RecordServiceEvent(
        command_id=CommandId(uuid5(begun.case_id, "forked")),
        occurred_at=last.occurred_at,
        case_id=begun.case_id,
        name=name_of(forked),
        channel=Channel.INTERNAL,
        facts=split(forked)[0],
    )


def _is_void(event: CaseEvent) -> bool:
    """Tell whether a correction lost all that it amended, with the citizen's key."""
    if not isinstance(event, InteractionCorrected):
        return False
    amended = (event.channel, event.direction, event.interaction_occurred_at, event.particulars)
    return not any((*amended, event.summary, event.contact))
