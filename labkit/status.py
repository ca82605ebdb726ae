"""How far everything has come, as `/status` answers it and `labkit status` shows it."""

from msgspec import Struct

from labkit.auditing.continuous import AuditStatus
from labkit.auditing.durability import Acknowledgement
from projections.reader import ViewStatus


class StreamStatus(Struct, frozen=True, kw_only=True):
    """Where the stream ends, as far as its server says."""

    position: int
    reachable: bool


class LedgerPosition(Struct, frozen=True):
    """Where the ledger ends."""

    position: int


class SiteStatus(Struct, frozen=True, kw_only=True):
    """How far everything has come, whether it is the same, and what an acknowledgement means here."""

    ledger: LedgerPosition
    stream: StreamStatus
    views: list[ViewStatus]
    audit: AuditStatus
    acknowledgement: Acknowledgement
    version: str
