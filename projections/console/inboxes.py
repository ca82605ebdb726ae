"""Which inbox an agent looks at, read from the address of the page."""

from typing import Literal, get_args

from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from msgspec import Struct

from ledger.domain.vocabulary import CaseStatus, Channel
from projections.inbox import InboxQuery

Show = Literal["open", "awaiting", "closed", "all"]

SHOWS: tuple[Show, ...] = get_args(Show)
ROWS_A_PAGE = 25
NARROWING = ("authority", "service", "unit")
_STATUS = {"open": CaseStatus.OPEN, "closed": CaseStatus.CLOSED}


class Choice(Struct, frozen=True, kw_only=True):
    """One inbox, of one channel or of all, and which of its cases to show."""

    channel: Channel | None
    show: str
    query: InboxQuery

    @property
    def narrowed(self) -> dict[str, str]:
        """What the agent narrowed this inbox to, beside its channel."""
        asked = {name: getattr(self.query, name) for name in NARROWING}
        return {name: value for name, value in asked.items() if value}


def choice_of(request: Request[object, object, State]) -> Choice:
    """Read the channel from the path and the filters from the query."""
    wanted = request.query_params
    asked = wanted.get("show", "open")
    shown = asked if asked in SHOWS else "open"
    query = InboxQuery(
        limit=ROWS_A_PAGE,
        cursor=wanted.get("cursor") or None,
        status=_STATUS.get(shown),
        awaiting=True if shown == "awaiting" else None,
        authority=wanted.get("authority") or None,
        service=wanted.get("service") or None,
        unit=wanted.get("unit") or None,
    )
    return Choice(channel=_channel(request.path_params.get("channel")), show=shown, query=query)


def _channel(code: str | None) -> Channel | None:
    try:
        return Channel(code) if code else None
    except ValueError as unknown:
        raise NotFoundException from unknown
