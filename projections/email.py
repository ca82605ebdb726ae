"""The e-mail inbox: what awaits an answer, the oldest first; what a machine wrote stands apart."""

from sqlite3 import Connection

from ledger.domain.vocabulary import Channel
from projections.casebook import inbox_view
from projections.conversation import Rules, is_automatic, unanswered
from projections.engine.view import Page
from projections.inbox import ChannelRow, Fields, Here, InboxQuery, page


class EmailRow(ChannelRow, frozen=True, kw_only=True):
    """A case with an e-mail, and whether a machine wrote the last one (an out-of-office reply, a bounce)."""

    automatic: bool


RULES = Rules(channel=Channel.EMAIL, urgency=unanswered)


def rows(db: Connection, query: InboxQuery) -> Page[EmailRow]:
    """E-mails unanswered, the oldest first; then the latest first, automatic ones among them."""
    return page(db, query, EmailRow, _particular)


def _particular(here: Here) -> Fields:
    return {"automatic": is_automatic(here.particulars)}


VIEW = inbox_view("email", RULES)
