"""A town hall as the pages may meet it: written by hand, in memory, the same at every run."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from uuid import UUID

import msgspec
from msgspec import Raw
from sample_events import contact, stamp
from sample_figures import nothing, overview_of
from sample_inboxes import answers, rows
from sample_place import ERASED, NAMES, NO_KEY_HERE, NOW, PAU, REGION, ago, identify
from sample_stories import CANTEEN, FORGOTTEN, LOCKED, canteen_story, hidden_story, last_minutes

from ledger.domain.events import AuthorityRegistered, Event, tag_of
from ledger.domain.vocabulary import AuthorityKind, Channel, Direction
from projections.engine.view import Page
from projections.inbox import InboxQuery, InboxRow
from projections.overview import Overview
from projections.timeline import TimelineEntry


class SampleTown:
    """A `Reader` over lists; `happen` adds an event, as a ledger would."""

    def __init__(self, *, empty: bool = False) -> None:
        """Write the stories, unless the ledger is to be empty."""
        self._positions = count(18_204)
        self._entries: list[TimelineEntry] = []
        self._rows: list[InboxRow] = []
        if not empty:
            self._tell_stories()
            self._rows = list(rows())

    def position(self) -> int:
        """Return the place of the last event."""
        return self._entries[-1].position if self._entries else 0

    def overview(self, now: datetime) -> Overview:
        """Return figures in keeping with a town of this size."""
        extra = len(self._entries)
        return overview_of(self.position(), now, extra) if self._entries else nothing()

    def inbox(self, channel: Channel | None, query: InboxQuery) -> Page[InboxRow]:
        """Return a page of rows; the cursor is an offset."""
        found = [row for row in self._rows if answers(row, channel, query)]
        start = int(query.cursor or 0)
        end = start + query.limit
        shown = found[start:end]
        rows = shown if channel else [msgspec.convert(row, InboxRow, from_attributes=True) for row in shown]
        return Page(rows=rows, cursor=str(end) if len(found) > end else None)

    def awaiting_counts(self) -> Mapping[Channel, int]:
        """Return how many rows wait on each channel."""
        return Counter(row.last_channel for row in self._rows if row.awaiting_answer_since)

    def case(self, case_id: UUID) -> list[TimelineEntry]:
        """Return the entries of a case."""
        return [entry for entry in self._entries if entry.case_id == case_id]

    def recent(self, limit: int) -> list[TimelineEntry]:
        """Return the last entries, the newest first."""
        return sorted(self._entries, key=lambda entry: entry.position, reverse=True)[:limit]

    def names(self) -> Mapping[str, str]:
        """Return the names of the sample."""
        return NAMES if self._entries else {}

    def reveal(self, token: str) -> str | None:
        """Open a token whose key is here."""
        if token.startswith(ERASED):
            return None
        return token.removeprefix("sealed:open:")

    def happen(self, event: Event, channel: Channel, service: str = "cantine-scolaire") -> TimelineEntry:
        """Add one event."""
        position = next(self._positions)
        entry = TimelineEntry(
            position=position,
            event_id=identify(str(position)),
            event=tag_of(event),
            case_id=getattr(event, "case_id", None),
            authority=REGION if service in {"dechets", "eau"} else PAU,
            service=service or None,
            channel=channel,
            occurred_at=event.occurred_at,
            recorded_at=event.stamp.recorded_at,
            recorded_by=event.stamp.by,
            data=Raw(msgspec.json.encode(event)),
        )
        self._entries.append(entry)
        return entry

    def call(self) -> TimelineEntry:
        """Let a parent call about the canteen, now."""
        position = self.position()
        return self.happen(
            contact(
                CANTEEN,
                f"appel {position}",
                Channel.TELEPHONE,
                Direction.IN,
                "Rappelle pour savoir où en est sa demande.",
                at=NOW,
            ),
            Channel.TELEPHONE,
        )

    def _tell_stories(self) -> None:
        registered = AuthorityRegistered(
            authority=PAU,
            version=1,
            occurred_at=ago(400),
            stamp=stamp(ago(400)),
            name=NAMES[PAU],
            kind=AuthorityKind.COMMUNE,
        )
        self.happen(registered, Channel.INTERNAL, "")
        for case_id, text in ((FORGOTTEN, ERASED), (LOCKED, NO_KEY_HERE)):
            for event, channel in hidden_story(case_id, text):
                self.happen(event, channel, "aide-domicile")
        for event, channel in canteen_story():
            self.happen(event, channel)
        for event, channel, service in last_minutes():
            self.happen(event, channel, service)
