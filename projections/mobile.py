"""The mobile inbox: what was written without network and arrived late comes first, then what waits longest."""

from datetime import datetime, timedelta
from sqlite3 import Connection

from ledger.domain.events import MobileEntry, Particulars
from ledger.domain.vocabulary import Channel
from projections.casebook import inbox_view
from projections.conversation import Contact, Rules, soonest
from projections.engine.view import Page
from projections.inbox import ChannelRow, Fields, Here, InboxQuery, page

OFFLINE, ONLINE = 0, 1


class MobileRow(ChannelRow, frozen=True, kw_only=True):
    """A case with a mobile entry: when the last one arrived, how late, and whether it was written offline."""

    offline: bool
    arrived_at: datetime
    late_by_s: int


def urgency(contact: Contact) -> int | None:
    """Put what was written offline first: while it travelled, nobody knew of it."""
    if not contact.asks:
        return None
    return soonest(OFFLINE if is_offline(contact.particulars) else ONLINE, contact.at)


RULES = Rules(channel=Channel.MOBILE, urgency=urgency)


def rows(db: Connection, query: InboxQuery) -> Page[MobileRow]:
    """Unanswered entries written offline, then the other unanswered ones, the oldest first; then the rest."""
    return page(db, query, MobileRow, _particular)


def is_offline(particulars: Particulars | None) -> bool:
    """Tell whether an entry was written without network."""
    return isinstance(particulars, MobileEntry) and particulars.offline


def _particular(here: Here) -> Fields:
    late_by = max(here.recorded_at - here.at, timedelta(0))
    return {
        "offline": is_offline(here.particulars),
        "arrived_at": here.recorded_at,
        "late_by_s": late_by // timedelta(seconds=1),
    }


VIEW = inbox_view("mobile", RULES)
