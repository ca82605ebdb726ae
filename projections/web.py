"""The online inbox: the forms that nobody took up yet, the oldest first, and which form each is."""

from sqlite3 import Connection

from ledger.domain.events import WebForm
from ledger.domain.vocabulary import Channel
from projections.casebook import inbox_view
from projections.conversation import Rules, unanswered
from projections.engine.view import Page
from projections.inbox import ChannelRow, Fields, Here, InboxQuery, page


class WebRow(ChannelRow, frozen=True, kw_only=True):
    """A case with an online form: the last one sent, and whether somebody worked on it or answered since."""

    form: str | None
    taken_up: bool


RULES = Rules(channel=Channel.WEB, urgency=unanswered, steps_settle=True)


def rows(db: Connection, query: InboxQuery) -> Page[WebRow]:
    """Forms not yet taken up, the oldest first; then those in hand, the latest first."""
    return page(db, query, WebRow, _particular)


def _particular(here: Here) -> Fields:
    form = here.particulars.form if isinstance(here.particulars, WebForm) else None
    return {"form": form, "taken_up": here.urgency is None}


VIEW = inbox_view("web", RULES)
