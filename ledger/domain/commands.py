"""What may be asked of the ledger, one struct a command.

Each carries its identifier, so that asking twice changes nothing, and the moment the thing happened.
Plain text in, sealed before it is stored.
"""

from typing import Annotated, get_args

from msgspec import Meta, Struct

from ledger.domain.citizen import PersonalLine, PersonalRecord, PersonalText
from ledger.domain.events import Attachment, Particulars
from ledger.domain.identifiers import (
    Activity,
    AgentRef,
    CaseId,
    CitizenRef,
    CommandId,
    Facts,
    InteractionId,
    Label,
    Moment,
    RequestId,
    ServiceCode,
    ServiceEventName,
    Siren,
    StepId,
    StreamId,
    UnitRef,
    authority_stream,
    citizen_stream,
)
from ledger.domain.vocabulary import AuthorityKind, Channel, ClosingReason, Direction, Outcome

Attachments = Annotated[tuple[Attachment, ...], Meta(max_length=50)]


class Command(
    Struct, frozen=True, kw_only=True, tag_field="command", omit_defaults=True, forbid_unknown_fields=True, gc=False
):
    """What every command holds."""

    command_id: CommandId
    occurred_at: Moment


class AuthorityCommand(Command, frozen=True, kw_only=True):
    """A command about an authority."""

    authority: Siren

    @property
    def stream_id(self) -> StreamId:
        """Return the stream that this command writes."""
        return authority_stream(self.authority)


class RegisterAuthority(AuthorityCommand, frozen=True, kw_only=True, tag="register-authority"):
    """Let an authority answer for cases in this ledger."""

    name: Label
    kind: AuthorityKind
    parent: Siren | None = None


class PublishService(AuthorityCommand, frozen=True, kw_only=True, tag="publish-service"):
    """Offer a service to citizens."""

    service: ServiceCode
    name: Label
    answer_days: Annotated[int, Meta(ge=1, le=3660)] | None = None


class CaseCommand(Command, frozen=True, kw_only=True):
    """A command about a case."""

    case_id: CaseId

    @property
    def stream_id(self) -> StreamId:
        """Return the stream that this command writes."""
        return self.case_id


class OpenCase(CaseCommand, frozen=True, kw_only=True, tag="open-case"):
    """Open a case with the contact that begins it; without a citizen it is anonymous."""

    authority: Siren
    service: ServiceCode
    channel: Channel
    interaction_id: InteractionId
    direction: Direction = Direction.IN
    citizen: CitizenRef | None = None
    unit: UnitRef | None = None
    deadline: Moment | None = None
    reference: Annotated[str, Meta(max_length=100)] | None = None
    particulars: Particulars | None = None
    attachments: Attachments = ()
    title: PersonalLine = ""
    summary: PersonalText = ""
    contact: PersonalLine = ""


class RecordInteraction(CaseCommand, frozen=True, kw_only=True, tag="record-interaction"):
    """Record one contact on an open case."""

    interaction_id: InteractionId
    channel: Channel
    direction: Direction
    particulars: Particulars | None = None
    attachments: Attachments = ()
    summary: PersonalText = ""
    contact: PersonalLine = ""


class CorrectInteraction(CaseCommand, frozen=True, kw_only=True, tag="correct-interaction"):
    """Amend what was recorded of a contact; fields left out stay as they were."""

    interaction_id: InteractionId
    reason: PersonalLine = ""
    channel: Channel | None = None
    direction: Direction | None = None
    interaction_occurred_at: Moment | None = None
    particulars: Particulars | None = None
    summary: PersonalText = ""
    contact: PersonalLine = ""


class RecordStep(CaseCommand, frozen=True, kw_only=True, tag="record-step"):
    """Record a completed piece of work: which activity, by whom, in which unit."""

    step_id: StepId
    activity: Activity
    agent: AgentRef | None = None
    unit: UnitRef | None = None


class RequestDocuments(CaseCommand, frozen=True, kw_only=True, tag="request-documents"):
    """Ask the citizen for missing documents, on one channel."""

    request_id: RequestId
    channel: Channel
    documents: Annotated[tuple[Label, ...], Meta(min_length=1, max_length=50)]
    reply_by: Moment | None = None
    summary: PersonalText = ""


class ReceiveDocuments(CaseCommand, frozen=True, kw_only=True, tag="receive-documents"):
    """Record that documents asked for came in, on one channel."""

    request_id: RequestId
    interaction_id: InteractionId
    channel: Channel
    attachments: Attachments
    complete: bool = True
    particulars: Particulars | None = None
    summary: PersonalText = ""


class AttachDocument(CaseCommand, frozen=True, kw_only=True, tag="attach-document"):
    """Add a document to a case outside any contact."""

    document: Attachment
    title: PersonalLine = ""


class AssignCase(CaseCommand, frozen=True, kw_only=True, tag="assign-case"):
    """Put an agent in charge of a case."""

    agent: AgentRef
    unit: UnitRef | None = None


class HandOverCase(CaseCommand, frozen=True, kw_only=True, tag="hand-over-case"):
    """Hand a case over to another unit, or to another authority."""

    reason: PersonalLine = ""
    to_unit: UnitRef | None = None
    to_authority: Siren | None = None


class DecideCase(CaseCommand, frozen=True, kw_only=True, tag="decide-case"):
    """Take the authority's decision on a case."""

    outcome: Outcome
    grounds: PersonalText = ""


class CloseCase(CaseCommand, frozen=True, kw_only=True, tag="close-case"):
    """Close a case, saying why."""

    reason: ClosingReason


class ReopenCase(CaseCommand, frozen=True, kw_only=True, tag="reopen-case"):
    """Let a closed case go on, saying why."""

    reason: PersonalLine = ""


class RecordServiceEvent(CaseCommand, frozen=True, kw_only=True, tag="record-service-event"):
    """Record something particular to the service: public facts, and personal fields as one JSON text."""

    name: ServiceEventName
    channel: Channel
    facts: Facts = {}
    content: PersonalRecord = ""


class ForgetCitizen(Command, frozen=True, kw_only=True, tag="forget-citizen"):
    """Destroy the key of a citizen's personal data, for ever."""

    citizen: CitizenRef
    legal_basis: Label = "RGPD art. 17"

    @property
    def stream_id(self) -> StreamId:
        """Return the stream that this command writes."""
        return citizen_stream(self.citizen)


LedgerCommand = (
    RegisterAuthority
    | PublishService
    | OpenCase
    | RecordInteraction
    | CorrectInteraction
    | RecordStep
    | RequestDocuments
    | ReceiveDocuments
    | AttachDocument
    | AssignCase
    | HandOverCase
    | DecideCase
    | CloseCase
    | ReopenCase
    | RecordServiceEvent
    | ForgetCitizen
)

COMMANDS: tuple[type[Command], ...] = get_args(LedgerCommand)


def tag_of(command: Command) -> str:
    """Return the public name of a command, such as `open-case`."""
    return str(command.__struct_config__.tag)
