"""What a running instance answers to `labkit`, field by field."""

from datetime import datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

from msgspec import Raw, Struct

from ledger.domain.vocabulary import Channel

Row = TypeVar("Row")


class Problem(Struct, frozen=True, kw_only=True):
    """Why something was refused or failed (RFC 9457)."""

    type: str = "about:blank"
    title: str = ""
    status: int | None = None
    detail: str = ""

    def __str__(self) -> str:
        """Return what a reader should see."""
        return self.detail or self.title or self.type


class CommandResult(Struct, frozen=True, kw_only=True):
    """What became of one command of a request; one that was `repeated` is answered as the first time."""

    command_id: UUID
    status: Literal["accepted", "unchanged", "refused"]
    position: int
    repeated: bool = False
    problem: Problem | None = None


class CommandsAnswer(Struct, frozen=True, kw_only=True):
    """The answer to a request of several commands, in their order."""

    position: int
    results: list[CommandResult]


class LedgerAt(Struct, frozen=True):
    """Where the ledger ends."""

    position: int


class StreamAt(Struct, frozen=True):
    """Where the stream ends, if its server can be asked."""

    position: int
    reachable: bool = True


class ViewAt(Struct, frozen=True):
    """How far a view has come in the ledger, and how many cases it could not digest."""

    name: str
    position: int
    parked: int = 0


class FoundAt(Struct, frozen=True):
    """What the auditor of an instance found to differ from the ledger, from which position on."""

    of: str
    kind: str
    position: int


class AuditAt(Struct, frozen=True, kw_only=True):
    """Up to where the auditor of an instance found all to be the same, in which epoch of the stream."""

    checked: int = 0
    epoch: int = 1
    findings: list[FoundAt] = []


class Acknowledged(Struct, frozen=True, kw_only=True):
    """Where something is once it is acknowledged: `disk`, `page-cache` or `unknown`."""

    store: str = ""
    ledger: str = "unknown"
    stream: str = "unknown"


class Status(Struct, frozen=True, kw_only=True):
    """How far the ledger, the stream and the views have come, and whether they are the same."""

    ledger: LedgerAt
    stream: StreamAt
    views: list[ViewAt]
    audit: AuditAt | None = None
    acknowledgement: Acknowledged | None = None
    version: str = ""


class RowsPage(Struct, Generic[Row], frozen=True, kw_only=True):
    """Some rows of a view, the position they reflect, and where to go on."""

    rows: list[Row]
    position: int | None = None
    cursor: str | None = None


class Entry(Struct, frozen=True, kw_only=True):
    """What a line shows of one event of the ledger; its personal fields are sealed tokens."""

    position: int
    event: str
    channel: Channel
    occurred_at: datetime
    case_id: UUID | None = None
    data: Raw


class CaseKey(Struct, frozen=True, kw_only=True):
    """The identifier and the reference of a case."""

    case_id: UUID
    reference: str | None = None
    opened_at: datetime | None = None


class Forgotten(Struct, frozen=True, kw_only=True):
    """The answer to a request to forget a citizen: `unchanged` for one who was forgotten before."""

    status: Literal["accepted", "unchanged"]
    position: int


class RebuiltView(Struct, frozen=True, kw_only=True):
    """What a rebuild of one view read, and whether the new tables were the same as the live ones."""

    name: str
    events: int
    position: int
    seconds: float
    identical: bool | None = None
