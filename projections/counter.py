"""The counter's inbox: who stands here now, the latest day first, and on each day who waits longest."""

from datetime import datetime
from sqlite3 import Connection

from msgspec import Struct

from ledger.domain.events import CounterVisit
from ledger.domain.vocabulary import Channel
from projections.casebook import inbox_view
from projections.conversation import Contact, Rules, soonest
from projections.engine.view import Page
from projections.inbox import ChannelRow, Fields, Here, InboxQuery, page
from projections.keys import to_instant, to_moment

INDEXES = """
CREATE INDEX IF NOT EXISTS cases_by_visit ON cases (here_at) WHERE here_contacts > 0;
"""
DAY = 24 * 60 * 60 * 1_000_000


class CounterRow(ChannelRow, frozen=True, kw_only=True):
    """A case whose citizen came to a counter, and the desk of the last visit."""

    desk: str | None


class Desk(Struct, frozen=True, kw_only=True):
    """The cases of one desk's visitors, and since when the first of those still waiting waits."""

    desk: str | None
    cases: int
    waiting: int
    oldest_waiting_since: datetime | None


def urgency(contact: Contact) -> int | None:
    """Put the latest day before the others, and the longest waiting first within the day."""
    day = contact.at // DAY
    return soonest(0, contact.at - 2 * day * DAY) if contact.asks else None


RULES = Rules(channel=Channel.COUNTER, urgency=urgency)


def rows(db: Connection, query: InboxQuery) -> Page[CounterRow]:
    """Visitors who wait, the latest day first and the longest waiting before the others; then the served."""
    return page(db, query, CounterRow, _particular)


def desks(db: Connection, since: datetime) -> list[Desk]:
    """The desks where somebody came since a moment, such as this morning's opening."""
    found = db.execute(
        """
        SELECT here_particulars ->> 'desk' AS desk, count(*), count(urgency),
            min(here_at) FILTER (WHERE urgency IS NOT NULL)
        FROM cases WHERE here_contacts > 0 AND here_at >= ? GROUP BY desk ORDER BY desk NULLS FIRST
        """,
        (to_instant(since),),
    )
    return [
        Desk(desk=desk, cases=cases, waiting=waiting, oldest_waiting_since=to_moment(oldest) if waiting else None)
        for desk, cases, waiting, oldest in found
    ]


def _particular(here: Here) -> Fields:
    return {"desk": here.particulars.desk if isinstance(here.particulars, CounterVisit) else None}


VIEW = inbox_view("counter", RULES, indexes=INDEXES)
