"""The post inbox: letters by their postmark, which counts for the citizen's deadlines, not by their arrival."""

from datetime import UTC, date, datetime
from sqlite3 import Connection

from ledger.domain.events import PostalItem
from ledger.domain.vocabulary import Channel
from projections.casebook import inbox_view
from projections.conversation import Contact, Rules, soonest
from projections.engine.view import Page
from projections.inbox import ChannelRow, Fields, Here, InboxQuery, page
from projections.keys import to_instant


class PostRow(ChannelRow, frozen=True, kw_only=True):
    """A case with a letter: the postmark of the last one, and whether it was registered."""

    postmarked_on: date | None
    registered: bool


def urgency(contact: Contact) -> int | None:
    """Put the oldest postmark first, and among letters of one day the registered ones."""
    match contact.particulars:
        case PostalItem(postmarked_on=day, registered=registered) if contact.asks:
            posted = to_instant(datetime(day.year, day.month, day.day, tzinfo=UTC))
            return soonest(0, posted if registered else posted + 1)
        case _:
            return soonest(0, contact.at) if contact.asks else None


RULES = Rules(channel=Channel.POST, urgency=urgency)


def rows(db: Connection, query: InboxQuery) -> Page[PostRow]:
    """Letters unanswered, the oldest postmark first and registered ones before the others; then the rest."""
    return page(db, query, PostRow, _particular)


def _particular(here: Here) -> Fields:
    match here.particulars:
        case PostalItem(postmarked_on=day, registered=registered):
            return {"postmarked_on": day, "registered": registered}
        case _:
            return {"postmarked_on": None, "registered": False}


VIEW = inbox_view("post", RULES)
