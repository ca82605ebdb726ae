"""The social networks' inbox: what everybody reads comes first, as long as it is unanswered."""

from sqlite3 import Connection

from ledger.domain.events import SocialPost
from ledger.domain.vocabulary import Channel
from projections.casebook import inbox_view
from projections.conversation import Contact, Rules, soonest
from projections.engine.view import Page
from projections.inbox import ChannelRow, Fields, Here, InboxQuery, page

PUBLIC, PRIVATE = 0, 1


class SocialRow(ChannelRow, frozen=True, kw_only=True):
    """A case with a social post: on which network the last one was, and whether everybody reads along."""

    network: str | None
    public: bool


def urgency(contact: Contact) -> int | None:
    """Put public posts before private messages, the oldest unanswered first."""
    if not contact.asks:
        return None
    public = isinstance(contact.particulars, SocialPost) and contact.particulars.public
    return soonest(PUBLIC if public else PRIVATE, contact.at)


RULES = Rules(channel=Channel.SOCIAL, urgency=urgency)


def rows(db: Connection, query: InboxQuery) -> Page[SocialRow]:
    """Public posts unanswered, then private ones, the oldest first; then the rest, the latest first."""
    return page(db, query, SocialRow, _particular)


def _particular(here: Here) -> Fields:
    match here.particulars:
        case SocialPost(network=network, public=public):
            return {"network": network, "public": public}
        case _:
            return {"network": None, "public": False}


VIEW = inbox_view("social", RULES)
