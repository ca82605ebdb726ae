"""The partners' inbox: which partner acted for the citizen, and how many cases each of them referred."""

from sqlite3 import Connection

from msgspec import Struct

from ledger.domain.events import PartnerReferral
from ledger.domain.vocabulary import Channel
from projections.casebook import inbox_view
from projections.conversation import Rules, unanswered
from projections.engine.view import Page
from projections.inbox import ChannelRow, Fields, Here, InboxQuery, page

INDEXES = """
CREATE INDEX IF NOT EXISTS contacts_by_partner ON contacts ((particulars ->> 'partner'), opened_position)
WHERE channel = 'partner' AND direction = 'in';
"""


class PartnerRow(ChannelRow, frozen=True, kw_only=True):
    """A case that a partner referred, and which partner last did."""

    partner: str | None


class Partner(Struct, frozen=True, kw_only=True):
    """How often one partner referred somebody, and in how many cases; `None` if nobody noted which."""

    partner: str | None
    referrals: int
    cases: int


RULES = Rules(channel=Channel.PARTNER, urgency=unanswered)


def rows(db: Connection, query: InboxQuery) -> Page[PartnerRow]:
    """Referrals unanswered, the oldest first; then the latest first."""
    return page(db, query, PartnerRow, _particular)


def partners(db: Connection) -> list[Partner]:
    """The partners that referred somebody, those with most referrals first."""
    found = db.execute(
        """
        SELECT particulars ->> 'partner' AS partner, count(*) AS referrals,
            count(DISTINCT opened_position)
        FROM contacts WHERE channel = 'partner' AND direction = 'in'
        GROUP BY partner ORDER BY referrals DESC, partner NULLS FIRST
        """
    )
    return [Partner(partner=partner, referrals=referrals, cases=cases) for partner, referrals, cases in found]


def _particular(here: Here) -> Fields:
    return {"partner": here.particulars.partner if isinstance(here.particulars, PartnerReferral) else None}


VIEW = inbox_view("partner", RULES, indexes=INDEXES)
