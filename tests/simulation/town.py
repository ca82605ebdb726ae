"""The commands of the simulation: a few cases of a few citizens, each told by three small numbers."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.domain.commands import LedgerCommand
from ledger.domain.events import Stamp
from ledger.domain.identifiers import CaseId, CitizenRef, CommandId, InteractionId, StepId
from ledger.domain.record import Cause
from ledger.store.group_work import Asked

CASES = 3
CITIZENS = 2
KINDS = ("contact", "contact", "step", "close", "open", "forget")
BEGIN = datetime(2026, 10, 1, 8, tzinfo=UTC)  # after all that is told: nothing is recorded before it happened


class Wish(NamedTuple):
    """What somebody asks: the same wish is the same command, however often it is sent."""

    kind: str
    case: int
    number: int

    @property
    def command(self) -> LedgerCommand:
        case = CaseId(cast.identifier(f"case {self.case}"))
        citizen = CitizenRef(cast.identifier(f"citizen {self.case % CITIZENS}"))
        name = f"{self.kind} {self.case} {self.number}"
        command_id = CommandId(cast.identifier(f"wish {name}"))
        match self.kind:
            case "open":
                contact = InteractionId(cast.identifier(f"visit {name}"))
                opening = replace(commands.open_case(), citizen=citizen, interaction_id=contact)
                # Only the first of them is told of later: what is asked of a case that is not there changes nothing.
                opened = case if self.number == 0 else CaseId(cast.identifier(f"case {self.case} {self.number}"))
                return replace(opening, command_id=command_id, case_id=opened)
            case "contact":
                contact = InteractionId(cast.identifier(f"contact {name}"))
                return replace(
                    commands.record_phone_call(), command_id=command_id, case_id=case, interaction_id=contact
                )
            case "step":
                step = StepId(cast.identifier(f"step {name}"))
                return replace(commands.record_step(), command_id=command_id, case_id=case, step_id=step)
            case "close":
                return replace(commands.close_case(), command_id=command_id, case_id=case)
            case _:
                return replace(commands.forget_citizen(), command_id=command_id, citizen=citizen)

    def asked(self, clock_s: int) -> Asked:
        return asked(self.command, clock_s)


def asked(command: LedgerCommand, clock_s: int) -> Asked:
    """Return what the writer is handed, stamped by a clock that may say anything."""
    return Asked(command, Stamp(by=cast.AGENT, recorded_at=BEGIN + timedelta(seconds=clock_s)), Cause())


def founding() -> list[Asked]:
    """Return what every town begins with: a service, and its cases."""
    opened = [Wish("open", case, 0).command for case in range(CASES)]
    return [asked(command, 0) for command in (commands.register_authority(), commands.publish_service(), *opened)]
