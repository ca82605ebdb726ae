"""What the pages need to know, and nothing of where it comes from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from ledger.domain.vocabulary import Channel
from projections.engine.view import Page
from projections.inbox import InboxQuery, InboxRow
from projections.overview import Overview
from projections.timeline import TimelineEntry


class Reader(Protocol):
    """All that the console reads; every method is called in a worker thread, several at once."""

    def position(self) -> int:
        """Return the place in the ledger up to which the views are known to be right."""

    def overview(self, now: datetime) -> Overview:
        """Return the figures of the whole, counting as late what is late at `now`."""

    def inbox(self, channel: Channel | None, query: InboxQuery) -> Page[InboxRow]:
        """Return the rows of one channel's inbox, or of all of them together."""

    def awaiting_counts(self) -> Mapping[Channel, int]:
        """Return how many cases wait for an agent on each channel."""

    def case(self, case_id: UUID) -> list[TimelineEntry]:
        """Return what happened in a case, in any order; nothing when there is no such case."""

    def recent(self, limit: int) -> list[TimelineEntry]:
        """Return what happened last, the newest first."""

    def names(self) -> Mapping[str, str]:
        """Return names by `<SIREN>` for authorities and by `<SIREN>/<service>` for services."""

    def reveal(self, token: str) -> str | None:
        """Return the text of a sealed token, `None` once its key is destroyed, the token where no key is."""
