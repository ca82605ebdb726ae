"""The telephone's inbox: the call-backs due, the soonest first; then the calls still unanswered.

A promised call-back is kept by any outgoing contact, or by an act such as the decision.
"""

from datetime import datetime
from sqlite3 import Connection

from ledger.domain.events import PhoneCall
from ledger.domain.vocabulary import Channel
from projections.casebook import inbox_view
from projections.conversation import Contact, Rules, soonest
from projections.engine.view import Page
from projections.inbox import ChannelRow, Fields, Here, InboxQuery, page
from projections.keys import to_instant

CALL_BACK, UNANSWERED = 0, 1


class TelephoneRow(ChannelRow, frozen=True, kw_only=True):
    """A case somebody called about, and by when a call-back is due, if one is."""

    call_back_by: datetime | None


def urgency(contact: Contact) -> int | None:
    """Put promised call-backs first, whoever called; then calls that await an answer."""
    match contact.particulars:
        case PhoneCall(call_back_by=datetime() as promised):
            return soonest(CALL_BACK, to_instant(promised))
        case _:
            return soonest(UNANSWERED, contact.at) if contact.asks else None


RULES = Rules(channel=Channel.TELEPHONE, urgency=urgency)


def rows(db: Connection, query: InboxQuery) -> Page[TelephoneRow]:
    """Call-backs due, the soonest first; calls unanswered, the oldest first; then the latest calls."""
    return page(db, query, TelephoneRow, _particular)


def _particular(here: Here) -> Fields:
    return {"call_back_by": here.urgent_since(CALL_BACK)}


VIEW = inbox_view("telephone", RULES)
