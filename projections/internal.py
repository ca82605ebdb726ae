"""The internal inbox: the cases that the authority opened itself (d’office) come first, then internal notes."""

from sqlite3 import Connection

from ledger.domain.vocabulary import Channel
from projections.casebook import inbox_view
from projections.conversation import Contact, Rules, soonest
from projections.engine.view import Page
from projections.inbox import ChannelRow, Fields, Here, InboxQuery, page

OWN_MOTION, ASKED = 0, 1


class InternalRow(ChannelRow, frozen=True, kw_only=True):
    """A case with an internal entry, and whether the authority opened it itself (d’office)."""

    own_motion: bool


def urgency(contact: Contact) -> int | None:
    """Put cases opened d’office first: they wait for an act even though no citizen asks for one."""
    if contact.opened_on is Channel.INTERNAL:
        return soonest(OWN_MOTION, contact.at)
    return soonest(ASKED, contact.at) if contact.asks else None


RULES = Rules(channel=Channel.INTERNAL, urgency=urgency)


def rows(db: Connection, query: InboxQuery) -> Page[InternalRow]:
    """Cases opened d’office and not dealt with, then entries unanswered, the oldest first; then the rest."""
    return page(db, query, InternalRow, _particular)


def _particular(here: Here) -> Fields:
    return {"own_motion": here.opened_on is Channel.INTERNAL}


VIEW = inbox_view("internal", RULES)
