"""What a command came to, as it is kept for ever and answered again to a repeat."""

from typing import Self
from uuid import UUID

import msgspec
from msgspec import Struct

from ledger.domain.commands import LedgerCommand, tag_of
from ledger.domain.errors import REFUSALS, Refusal


class Verdict(Struct, frozen=True, array_like=True):
    """One line of the command log: what was asked of which stream, and what became of it."""

    command: str
    stream: UUID
    position: int
    events: int
    code: str | None = None
    details: dict[str, str] | None = None

    @classmethod
    def accepted(cls, command: LedgerCommand, *, position: int, events: int) -> Self:
        """Return the verdict of a command that appended `events` events, the last at `position`."""
        return cls(tag_of(command), command.stream_id, position, events)

    @classmethod
    def refused(cls, command: LedgerCommand, refusal: Refusal, *, position: int) -> Self:
        """Return the verdict of a command that a rule refused when the ledger stood at `position`."""
        return cls(tag_of(command), command.stream_id, position, 0, refusal.code, refusal.details)

    def answers(self, command: LedgerCommand) -> bool:
        """Tell whether this verdict was given to that very command, not to another under its identifier."""
        return (self.command, self.stream) == (tag_of(command), command.stream_id)

    @property
    def refusal(self) -> Refusal | None:
        """Return the refusal, as it was first given."""
        return REFUSALS[self.code](**(self.details or {})) if self.code else None


class Answer(Struct, frozen=True):
    """What the caller gets: the verdict, and whether it had been given before."""

    verdict: Verdict
    repeated: bool = False


encode_verdict = msgspec.json.Encoder().encode
decode_verdict = msgspec.json.Decoder(Verdict).decode
