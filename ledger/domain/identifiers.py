"""Identifiers of the ledger and the facts of a service, and the shape each of them must have.

None of them may reveal a person: cases are UUIDs that tell at most when they were made, citizens random ones, agents
are staff codes.
"""

from datetime import datetime
from typing import Annotated, NewType
from uuid import UUID, uuid5

from msgspec import Meta

CaseId = NewType("CaseId", UUID)
CommandId = NewType("CommandId", UUID)
InteractionId = NewType("InteractionId", UUID)
RequestId = NewType("RequestId", UUID)
StepId = NewType("StepId", UUID)
CitizenRef = NewType("CitizenRef", UUID)
StreamId = UUID

# `$` alone would let a last line feed through; what follows it holds for Python and for ECMAScript alike.
Siren = Annotated[str, Meta(pattern=r"^[0-9]{9}$(?!\n)", description="SIREN of an authority, nine digits.")]
ServiceCode = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$(?!\n)", max_length=64)]
ServiceEventName = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\.v[1-9][0-9]*$(?!\n)", max_length=80)]
AgentRef = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$(?!\n)", max_length=64)]
UnitRef = Annotated[str, Meta(min_length=1, max_length=100)]
Activity = Annotated[str, Meta(min_length=1, max_length=200)]
Label = Annotated[str, Meta(min_length=1, max_length=200)]
Digest = Annotated[str, Meta(pattern=r"^sha256:[0-9a-f]{64}$(?!\n)")]
Moment = Annotated[datetime, Meta(tz=True)]

# What a service event says in public: flat, for what is richer deserves an event of its own. Whole numbers
# stay within what JavaScript reads exactly, the others within what is finite wherever they are read.
FactName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$(?!\n)", max_length=64)]
FactText = Annotated[str, Meta(max_length=200)]
Fact = (
    bool
    | Annotated[int, Meta(ge=-(2**53), le=2**53)]
    | Annotated[float, Meta(ge=-1e15, le=1e15)]
    | FactText
    | Annotated[tuple[FactText, ...], Meta(max_length=50)]
    | None
)
Facts = Annotated[dict[FactName, Fact], Meta(max_length=50)]

_AUTHORITIES = UUID("5b1f4b0e-6a3b-4d0c-9a52-3f6f3a1c7e01")
_CITIZENS = UUID("5b1f4b0e-6a3b-4d0c-9a52-3f6f3a1c7e02")


def authority_stream(siren: str) -> StreamId:
    """Return the stream that holds what is known of an authority."""
    return uuid5(_AUTHORITIES, siren)


def citizen_stream(citizen: CitizenRef) -> StreamId:
    """Return the stream that holds what was decided about a citizen's data."""
    return uuid5(_CITIZENS, str(citizen))


def is_siren(code: str) -> bool:
    """Tell whether a code has nine digits and a right check digit (Luhn)."""
    if len(code) != 9 or not (code.isascii() and code.isdigit()):  # noqa: PLR2004
        return False
    doubled = (int(digit) * (2 if rank % 2 else 1) for rank, digit in enumerate(code))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
