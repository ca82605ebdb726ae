"""The chatbot's inbox: the conversations where a human is wanted, by whichever side said so."""

from datetime import datetime
from sqlite3 import Connection

from ledger.domain.events import ChatbotExchange
from ledger.domain.vocabulary import Channel
from projections.casebook import inbox_view
from projections.conversation import Contact, Rules, soonest
from projections.engine.view import Page
from projections.inbox import ChannelRow, Fields, Here, InboxQuery, page

HUMAN_WANTED, UNANSWERED = 0, 1


class ChatbotRow(ChannelRow, frozen=True, kw_only=True):
    """A case with a chatbot's conversation, and since when a human is wanted in it, if one is."""

    human_wanted: bool
    human_wanted_since: datetime | None


def urgency(contact: Contact) -> int | None:
    """Put wanted humans first, even when it was the bot's own message that called for one."""
    match contact.particulars:
        case ChatbotExchange(human_wanted=True):
            return soonest(HUMAN_WANTED, contact.at)
        case _:
            return soonest(UNANSWERED, contact.at) if contact.asks else None


RULES = Rules(channel=Channel.CHATBOT, urgency=urgency)


def rows(db: Connection, query: InboxQuery) -> Page[ChatbotRow]:
    """Conversations where a human is wanted, then those unanswered, the oldest first; then the rest."""
    return page(db, query, ChatbotRow, _particular)


def _particular(here: Here) -> Fields:
    since = here.urgent_since(HUMAN_WANTED)
    return {"human_wanted": since is not None, "human_wanted_since": since}


VIEW = inbox_view("chatbot", RULES)
