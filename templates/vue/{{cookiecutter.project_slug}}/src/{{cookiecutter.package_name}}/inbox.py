"""The inbox of one channel: who waits for an answer there, first those who told their story elsewhere.

It stands on the ledger's own inboxes: they know whose turn it is to speak, and keep the tables. Here is only
what this view adds: the order of those who wait, and one column.
"""

from sqlite3 import Connection

from ledger.domain.vocabulary import Channel
from projections.casebook import inbox_view
from projections.conversation import Contact, Rules, soonest
from projections.engine.view import Page
from projections.inbox import ChannelRow, Fields, Here, InboxQuery, page

CHANNEL = Channel.{{ cookiecutter.channel|upper }}
FROM_ELSEWHERE, FROM_HERE = 0, 1


class Row(ChannelRow, frozen=True, kw_only=True):
    """A case with a contact on this channel, and whether it began on another."""

    from_elsewhere: bool


def urgency(contact: Contact) -> int | None:
    """Put those who began on another channel before the others, and the longest waiting first among each."""
    if not contact.asks:
        return None
    return soonest(FROM_HERE if contact.opened_on is CHANNEL else FROM_ELSEWHERE, contact.at)


RULES = Rules(channel=CHANNEL, urgency=urgency)


def rows(db: Connection, query: InboxQuery) -> Page[Row]:
    """Return those who wait, in the order of their urgency; then the rest, the latest contact first."""
    return page(db, query, Row, _particular)


def _particular(here: Here) -> Fields:
    return {"from_elsewhere": here.opened_on is not CHANNEL}


VIEW = inbox_view("{{ cookiecutter.package_name }}", RULES)
