"""Who and what the samples are about: a town, its agents, a family, and the days of one September.

Identifiers have the shape of random ones, but are always the same.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

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
    Stamp,
    WebForm,
)
from ledger.domain.identifiers import CaseId, CitizenRef, CommandId, InteractionId, RequestId, StepId
from ledger.domain.vocabulary import Channel

KEYING_TIME = timedelta(minutes=2)

PAU = "216404459"
PAU_BEARN_PYRENEES = "200067254"
VAL_DE_GARONNE = "200030674"
CANTEEN = "restauration-scolaire"
EDUCATION = "Direction de l’éducation"
CANTEENS = "Service de la restauration"
AGENT = "agent-017"
ANOTHER_AGENT = "agent-042"


def identifier(name: str) -> UUID:
    """Return the identifier that a name always has in the samples."""
    return UUID(bytes=sha256(name.encode()).digest()[:16], version=4)


CASE = CaseId(identifier("the Lafourcade case"))
CITIZEN = CitizenRef(identifier("Mme Lafourcade"))
COUNTER_VISIT = InteractionId(identifier("counter visit"))
PHONE_CALL = InteractionId(identifier("phone call"))
ONLINE_REPLY = InteractionId(identifier("online reply"))
MISSING_DOCUMENTS = RequestId(identifier("missing documents"))
INCOME_CHECK = StepId(identifier("income check"))


def command_id(name: str) -> CommandId:
    """Return the identifier of the command of that name."""
    return CommandId(identifier(f"command {name}"))


def at(day: int, clock: str) -> datetime:
    """Return a moment of September 2026, in universal time."""
    return datetime.fromisoformat(f"2026-09-{day:02}T{clock}").replace(tzinfo=UTC)


def stamp(moment: datetime, by: str = AGENT) -> Stamp:
    """Return the stamp of what an agent keyed in just after it happened."""
    return Stamp(by=by, recorded_at=moment + KEYING_TIME)


def scan(name: str, size_bytes: int = 184_320) -> Attachment:
    """Return a scanned document."""
    digest = sha256(name.encode()).hexdigest()
    return Attachment(digest=f"sha256:{digest}", media_type="application/pdf", size_bytes=size_bytes)


def particulars_of(channel: Channel) -> Particulars | None:
    """Return what only a contact on that channel knows; an internal one knows nothing more."""
    samples: dict[Channel, Particulars] = {
        Channel.COUNTER: CounterVisit(desk="Accueil de l’hôtel de ville"),
        Channel.TELEPHONE: PhoneCall(call_back_by=at(3, "16:00")),
        Channel.WEB: WebForm(form="Inscription à la cantine"),
        Channel.MOBILE: MobileEntry(offline=True),
        Channel.EMAIL: EmailMessage(automatic=True),
        Channel.POST: PostalItem(postmarked_on=at(1, "00:00").date(), registered=True),
        Channel.SOCIAL: SocialPost(network="Mastodon", public=True),
        Channel.CHATBOT: ChatbotExchange(human_wanted=True),
        Channel.PARTNER: PartnerReferral(partner="France services de Pau-Saragosse"),
    }
    return samples.get(channel)
