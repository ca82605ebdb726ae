"""What each channel adds to a contact, and by which channels citizens ask again and authorities answer."""

from datetime import datetime, timedelta
from random import Random

from labkit.simulate.calendar import when_open
from labkit.simulate.casefile import CaseFile
from labkit.simulate.randomness import draw_digest, draw_weighted, happens
from ledger.domain.events import (
    Attachment,
    ChatbotExchange,
    CounterVisit,
    EmailMessage,
    MobileEntry,
    Particulars,
    PartnerReferral,
    PhoneCall,
    PostalItem,
    SocialPost,
    WebForm,
)
from ledger.domain.vocabulary import Channel

NETWORKS = ("Facebook", "Instagram", "Bluesky")
ASKED_AGAIN_BY = {Channel.TELEPHONE: 44, Channel.EMAIL: 26, Channel.COUNTER: 22, Channel.MOBILE: 5, Channel.POST: 3}
ANSWERED_BY = {Channel.EMAIL: 38, Channel.TELEPHONE: 34, Channel.COUNTER: 16, Channel.POST: 12}
SENT_BY = {Channel.COUNTER: 40, Channel.EMAIL: 34, Channel.WEB: 12, Channel.POST: 10, Channel.MOBILE: 4}
_ANSWERED_WHERE_ASKED = frozenset({Channel.SOCIAL, Channel.MOBILE, Channel.CHATBOT, Channel.EMAIL})


def incoming(case: CaseFile, channel: Channel, at: datetime) -> Particulars | None:
    """Return what a channel knows of a contact that comes in."""
    rng, service = case.rng, case.service
    match channel:
        case Channel.COUNTER:
            return CounterVisit(desk=service.desk)
        case Channel.TELEPHONE:
            call_back_by = when_open(at + timedelta(hours=rng.randint(2, 24)))
            return PhoneCall(call_back_by=call_back_by if happens(rng, 0.3) else None)
        case Channel.WEB:
            return WebForm(form=service.form)
        case Channel.MOBILE:
            return MobileEntry(offline=happens(rng, 0.2))
        case Channel.EMAIL:
            return EmailMessage()
        case Channel.POST:
            posted_on = (at - timedelta(days=rng.randint(1, 3))).date()
            return PostalItem(postmarked_on=posted_on, registered=happens(rng, 0.15))
        case Channel.SOCIAL:
            return SocialPost(network=rng.choice(NETWORKS), public=happens(rng, 0.6))
        case Channel.CHATBOT:
            return ChatbotExchange(human_wanted=happens(rng, 0.5))
        case Channel.PARTNER:
            return PartnerReferral(partner=service.partner)
        case Channel.INTERNAL:
            return None


def outgoing(channel: Channel, at: datetime) -> Particulars | None:
    """Return what a channel knows of a contact that goes out."""
    if channel is Channel.POST:
        return PostalItem(postmarked_on=at.date())
    if channel is Channel.SOCIAL:
        return SocialPost(network=NETWORKS[0], public=True)
    return None


def asked_again_by(case: CaseFile) -> Channel:
    """Choose another channel than the one that opened the case."""
    others = {channel: weight for channel, weight in ASKED_AGAIN_BY.items() if channel is not case.channel}
    return draw_weighted(case.rng, others)


def answered_by(case: CaseFile) -> Channel:
    """Choose how the authority answers: somebody unknown can only be answered where they asked."""
    if case.resident.ref is None:
        return case.channel if case.channel in _ANSWERED_WHERE_ASKED else Channel.TELEPHONE
    return draw_weighted(case.rng, ANSWERED_BY)


def draw_document(rng: Random) -> Attachment:
    """Invent a scanned page."""
    media_type = rng.choice(("application/pdf", "image/jpeg"))
    return Attachment(digest=draw_digest(rng), media_type=media_type, size_bytes=rng.randint(40_000, 2_400_000))
