"""The cases of a prototype: opened, written and read on the ledger itself. The one place here that writes.

Whatever a channel does comes down to these few verbs; a command identifier given twice changes nothing.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID, uuid5

import msgspec

from labkit.prototype.events import ServiceEvent
from labkit.prototype.failures import CannotBeKept, UnknownCase
from labkit.prototype.following import RULES, Happening, consequences
from labkit.prototype.index import CaseIndex, Entry
from labkit.prototype.kit_events import RequestSubmitted
from labkit.prototype.offer import Offer, announcing
from labkit.prototype.service import Service
from labkit.prototype.story import ServiceCase, tell
from ledger.application import CaseLedger
from ledger.domain.commands import (
    CloseCase,
    DecideCase,
    LedgerCommand,
    OpenCase,
    RecordInteraction,
    ReopenCase,
)
from ledger.domain.events import Attachment, CaseEvent, Particulars, Stamp
from ledger.domain.identifiers import AgentRef, CaseId, CitizenRef, CommandId, InteractionId, authority_stream
from ledger.domain.vocabulary import Channel, ClosingReason, Direction, Outcome
from ledger.store.identities import new_id

AGENT: AgentRef = "agent"
CITIZEN: AgentRef = "citizen"
Command = TypeVar("Command", bound=LedgerCommand)
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_REFERENCE_LENGTH = 6
Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


class Cases:
    """The cases of one service on one ledger; every method may be called from several threads."""

    def __init__(self, ledger: CaseLedger, service: Service, offer: Offer, clock: Clock = now) -> None:
        """Write to a ledger as one service of one authority."""
        self.ledger = ledger
        self.service = service
        self.offer = offer
        self.clock = clock
        self._index = CaseIndex(offer.service, ledger.read)

    def publish(self) -> None:
        """Make the authority, unless another prototype did, and its service known to the ledger."""
        known = self.ledger.state(authority_stream(self.offer.authority)) is not None
        for command in announcing(self.offer, self.clock(), known=known):
            self.execute(command, RULES)

    def open(
        self,
        channel: Channel,
        *,
        by: AgentRef = CITIZEN,
        case_id: CaseId | None = None,
        citizen: CitizenRef | None = None,
        particulars: Particulars | None = None,
        attachments: Sequence[Attachment] = (),
        summary: str = "",
        contact: str = "",
        occurred_at: datetime | None = None,
    ) -> ServiceCase:
        """Open a case with the contact that begins it; with a `case_id` of the caller's, asking twice opens one."""
        opened = case_id or CaseId(new_id())
        command = OpenCase(
            command_id=CommandId(uuid5(opened, "open")),
            occurred_at=occurred_at or self.clock(),
            case_id=opened,
            authority=self.offer.authority,
            service=self.offer.service,
            channel=channel,
            interaction_id=InteractionId(uuid5(opened, "first contact")),
            citizen=citizen or CitizenRef(uuid5(opened, "citizen")),
            reference=self.new_reference(),
            particulars=particulars,
            attachments=tuple(attachments),
            title=self.offer.service_name,
            summary=summary,
            contact=contact,
        )
        self.execute(command, by)
        return self.get(opened)

    def record(
        self,
        case_id: CaseId,
        event: ServiceEvent,
        channel: Channel,
        *,
        by: AgentRef = CITIZEN,
        command_id: UUID | None = None,
        occurred_at: datetime | None = None,
    ) -> ServiceCase:
        """Record one event of the service with what its rules say follows from it: all of it, or nothing.

        Raises:
            Refusal: a rule of the ledger says no, for example because the case is closed.
            UnknownCase: there is no such case of this service.
        """
        case, command = self.get(case_id), CommandId(command_id or new_id())
        if not self._was_executed(case_id, command):
            at = occurred_at or self.clock()
            happening = Happening(
                event=event,
                command_id=command,
                by=by,
                channel=channel,
                occurred_at=at,
                recorded_at=max(self.clock(), at),
            )
            self._execute_together(consequences(self.service, case, happening))
        return self.get(case_id)

    def submit(
        self, case_id: CaseId, channel: Channel, *, by: AgentRef = CITIZEN, occurred_at: datetime | None = None
    ) -> ServiceCase:
        """Send the request; a second time changes nothing."""
        command_id = uuid5(case_id, "submit")
        return self.record(case_id, RequestSubmitted(), channel, by=by, command_id=command_id, occurred_at=occurred_at)

    def contact(
        self,
        case_id: CaseId,
        channel: Channel,
        direction: Direction,
        summary: str,
        *,
        by: AgentRef = AGENT,
        particulars: Particulars | None = None,
        attachments: Sequence[Attachment] = (),
        contact: str = "",
        interaction_id: UUID | None = None,
        occurred_at: datetime | None = None,
    ) -> ServiceCase:
        """Record one contact (échange), in or out; with an `interaction_id`, telling it twice tells it once."""
        told = InteractionId(interaction_id or new_id())
        command = RecordInteraction(
            command_id=CommandId(uuid5(told, "record")),
            occurred_at=occurred_at or self.clock(),
            case_id=case_id,
            interaction_id=told,
            channel=channel,
            direction=direction,
            particulars=particulars,
            attachments=tuple(attachments),
            summary=summary,
            contact=contact,
        )
        self.execute(command, by)
        return self.get(case_id)

    def decide(self, case_id: CaseId, outcome: Outcome, grounds: str = "") -> ServiceCase:
        """Take the authority's decision."""
        self.execute(
            DecideCase(
                command_id=CommandId(new_id()),
                occurred_at=self.clock(),
                case_id=case_id,
                outcome=outcome,
                grounds=grounds,
            ),
            AGENT,
        )
        return self.get(case_id)

    def close(self, case_id: CaseId, reason: ClosingReason = ClosingReason.COMPLETED) -> ServiceCase:
        """Close a case."""
        self.execute(
            CloseCase(command_id=CommandId(new_id()), occurred_at=self.clock(), case_id=case_id, reason=reason), AGENT
        )
        return self.get(case_id)

    def reopen(self, case_id: CaseId, reason: str = "") -> ServiceCase:
        """Let a closed case go on."""
        self.execute(
            ReopenCase(command_id=CommandId(new_id()), occurred_at=self.clock(), case_id=case_id, reason=reason), AGENT
        )
        return self.get(case_id)

    def get(self, case_id: CaseId) -> ServiceCase:
        """Return a case as it stands, unsealed.

        Raises:
            UnknownCase: there is no such case of this service.
        """
        events = [recorded.event for recorded in self.ledger.history(case_id)]
        found = [event for event in events if isinstance(event, CaseEvent)]
        if not found:
            raise UnknownCase(reference=case_id)
        case = tell(case_id, found, self.service.kinds, self.ledger.reveal)
        if case.opened.service != self.offer.service:
            raise UnknownCase(reference=case_id)
        return case

    def find(self, reference: str) -> ServiceCase:
        """Return the case that a reference names.

        Raises:
            UnknownCase: no case of this service has it.
        """
        case_id = self._index.find(reference)
        if case_id is None:
            raise UnknownCase(reference=reference)
        return self.get(case_id)

    def entries(self) -> list[Entry]:
        """Return what is known of every case without reading it, the one that moved last first."""
        return self._index.entries()

    def all(self) -> Iterable[ServiceCase]:
        """Return every case, read one after the other."""
        return (self.get(entry.case_id) for entry in self.entries())

    def position(self) -> int:
        """Return where the ledger ends."""
        return self.ledger.head()

    def execute(self, command: LedgerCommand, by: AgentRef) -> None:
        """Execute one command and wait until it is durable.

        Raises:
            Refusal: a rule of the ledger says no.
            CannotBeKept: it is longer, or shaped otherwise, than what the ledger keeps; nothing was recorded.
        """
        self._execute_together([(command, Stamp(by=by, recorded_at=max(self.clock(), command.occurred_at)))])

    def _execute_together(self, commands: Iterable[tuple[LedgerCommand, Stamp]]) -> None:
        answers = self.ledger.execute_together([(checked(command), stamp) for command, stamp in commands])
        refusals = (answer.verdict.refusal for answer in answers)
        if (refusal := next(filter(None, refusals), None)) is not None:
            raise refusal

    def _was_executed(self, case_id: CaseId, command_id: CommandId) -> bool:
        return any(recorded.metadata.command_id == command_id for recorded in self.ledger.history(case_id))

    def new_reference(self) -> str:
        """Return a reference that is easy to read out, drawn from half a billion."""
        code = "".join(secrets.choice(_LETTERS) for _ in range(_REFERENCE_LENGTH))
        return f"{code[:3]}-{code[3:]}"


def checked(command: Command) -> Command:
    """Return a command as the ledger would read it from a message, for structs check nothing when they are made.

    Raises:
        CannotBeKept: it is longer, or shaped otherwise, than what the ledger keeps.
    """
    try:
        return msgspec.convert(msgspec.to_builtins(command), type(command))
    except msgspec.ValidationError as error:
        raise CannotBeKept(reason=str(error)) from error
