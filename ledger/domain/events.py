"""What happened, one struct an event. Once released a struct is never edited: a `.v2` and an upcast are added.

Every event says when the thing happened (`occurred_at`) and when and by whom it was recorded (`stamp`).
Fields typed `Personal` hold plain text in memory and a sealed token everywhere else.
"""

from datetime import date
from typing import Annotated, get_args

from msgspec import Meta, Struct

from ledger.domain.citizen import Personal
from ledger.domain.identifiers import (
    Activity,
    AgentRef,
    CaseId,
    CitizenRef,
    Digest,
    Facts,
    InteractionId,
    Label,
    Moment,
    RequestId,
    ServiceCode,
    ServiceEventName,
    Siren,
    StepId,
    StreamId,
    UnitRef,
    authority_stream,
    citizen_stream,
)
from ledger.domain.vocabulary import AuthorityKind, Channel, ClosingReason, Direction, Outcome


class Stamp(Struct, frozen=True, kw_only=True, gc=False):
    """Who recorded an event, and when (visa)."""

    by: AgentRef
    recorded_at: Moment


class Attachment(Struct, frozen=True, kw_only=True):
    """A document known by its digest; its bytes live in the authority's document store (pièce)."""

    digest: Digest
    media_type: Annotated[str, Meta(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$(?!\n)", max_length=100)]
    size_bytes: Annotated[int, Meta(ge=0, le=1_000_000_000_000)]


class CounterVisit(Struct, frozen=True, tag="counter", tag_field="channel", omit_defaults=True):
    """What only a counter knows: the desk where the citizen stood."""

    desk: Label


class PhoneCall(Struct, frozen=True, tag="telephone", tag_field="channel", omit_defaults=True):
    """What only a telephone call knows: whether a call-back was promised, and by when."""

    call_back_by: Moment | None = None


class WebForm(Struct, frozen=True, tag="web", tag_field="channel", omit_defaults=True):
    """What only an online form knows: which form."""

    form: Label


class MobileEntry(Struct, frozen=True, tag="mobile", tag_field="channel", omit_defaults=True):
    """What only a mobile entry knows: whether it was written without network and sent later."""

    offline: bool = False


class EmailMessage(Struct, frozen=True, tag="email", tag_field="channel", omit_defaults=True):
    """What only an e-mail knows: whether a machine wrote it (an out-of-office reply, a bounce)."""

    automatic: bool = False


class PostalItem(Struct, frozen=True, tag="post", tag_field="channel", omit_defaults=True):
    """What only a letter knows: its postmark, which counts for the citizen's deadlines."""

    postmarked_on: date
    registered: bool = False


class SocialPost(Struct, frozen=True, tag="social", tag_field="channel", omit_defaults=True):
    """What only a social network knows: which one, and whether everybody reads along."""

    network: Label
    public: bool


class ChatbotExchange(Struct, frozen=True, tag="chatbot", tag_field="channel", omit_defaults=True):
    """What only a chatbot knows: whether it asked for a human to take over."""

    human_wanted: bool = False


class PartnerReferral(Struct, frozen=True, tag="partner", tag_field="channel", omit_defaults=True):
    """What only a partner's referral knows: which partner acted for the citizen."""

    partner: Label


Particulars = (
    CounterVisit
    | PhoneCall
    | WebForm
    | MobileEntry
    | EmailMessage
    | PostalItem
    | SocialPost
    | ChatbotExchange
    | PartnerReferral
)


# No event can be part of a cycle, so the collector need not look for one (`gc=False`).
class Event(Struct, frozen=True, kw_only=True, tag_field="event", omit_defaults=True, gc=False):
    """What every event holds."""

    version: int
    occurred_at: Moment
    stamp: Stamp


class AuthorityEvent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An event in the life of an authority."""

    authority: Siren

    @property
    def stream_id(self) -> StreamId:
        """Return the stream of this authority."""
        return authority_stream(self.authority)


class AuthorityRegistered(AuthorityEvent, frozen=True, kw_only=True, tag="authority-registered.v1"):
    """An authority answers for cases in this ledger from now on (collectivité inscrite)."""

    name: Label
    kind: AuthorityKind
    parent: Siren | None = None


class ServicePublished(AuthorityEvent, frozen=True, kw_only=True, tag="service-published.v1"):
    """A service is offered to citizens (démarche publiée)."""

    service: ServiceCode
    name: Label
    answer_days: int | None = None


class CaseEvent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An event in the life of a case."""

    case_id: CaseId

    @property
    def stream_id(self) -> StreamId:
        """Return the stream of this case."""
        return self.case_id


class CaseOpened(CaseEvent, frozen=True, kw_only=True, tag="case-opened.v1"):
    """A case begins (dossier ouvert)."""

    authority: Siren
    service: ServiceCode
    channel: Channel
    citizen: CitizenRef | None = None
    unit: UnitRef | None = None
    deadline: Moment | None = None
    reference: str | None = None
    title: Personal = ""


class InteractionRecorded(CaseEvent, frozen=True, kw_only=True, tag="interaction-recorded.v1"):
    """One contact took place, in or out, on one channel (échange)."""

    interaction_id: InteractionId
    channel: Channel
    direction: Direction
    citizen: CitizenRef | None = None
    particulars: Particulars | None = None
    attachments: tuple[Attachment, ...] = ()
    summary: Personal = ""
    contact: Personal = ""


class InteractionCorrected(CaseEvent, frozen=True, kw_only=True, tag="interaction-corrected.v1"):
    """What was recorded of a contact is amended; `None` and an empty text leave a field as it was (rectification)."""

    interaction_id: InteractionId
    reason: Personal = ""
    citizen: CitizenRef | None = None
    channel: Channel | None = None
    direction: Direction | None = None
    interaction_occurred_at: Moment | None = None
    particulars: Particulars | None = None
    summary: Personal = ""
    contact: Personal = ""


class StepRecorded(CaseEvent, frozen=True, kw_only=True, tag="step-recorded.v1"):
    """An agent completed a piece of work on a case (étape)."""

    step_id: StepId
    activity: Activity
    agent: AgentRef | None = None
    unit: UnitRef | None = None


class DocumentsRequested(CaseEvent, frozen=True, kw_only=True, tag="documents-requested.v1"):
    """The citizen was asked for missing documents, named by their kind, never by a person (pièces demandées)."""

    request_id: RequestId
    documents: tuple[Label, ...]
    reply_by: Moment | None = None


class DocumentsReceived(CaseEvent, frozen=True, kw_only=True, tag="documents-received.v1"):
    """The citizen sent documents that had been asked for (pièces reçues)."""

    request_id: RequestId
    interaction_id: InteractionId
    attachments: tuple[Attachment, ...]
    complete: bool


class DocumentAttached(CaseEvent, frozen=True, kw_only=True, tag="document-attached.v1"):
    """A document was added to the case outside any contact (pièce versée)."""

    document: Attachment
    citizen: CitizenRef | None = None
    title: Personal = ""


class CaseAssigned(CaseEvent, frozen=True, kw_only=True, tag="case-assigned.v1"):
    """The case has an agent in charge (dossier attribué)."""

    agent: AgentRef
    unit: UnitRef | None = None


class CaseHandedOver(CaseEvent, frozen=True, kw_only=True, tag="case-handed-over.v1"):
    """The case goes to another unit or another authority (dossier réorienté)."""

    from_authority: Siren
    to_authority: Siren
    reason: Personal = ""
    citizen: CitizenRef | None = None
    from_unit: UnitRef | None = None
    to_unit: UnitRef | None = None


class CaseDecided(CaseEvent, frozen=True, kw_only=True, tag="case-decided.v1"):
    """The authority took its decision (décision prise)."""

    outcome: Outcome
    citizen: CitizenRef | None = None
    grounds: Personal = ""


class CaseClosed(CaseEvent, frozen=True, kw_only=True, tag="case-closed.v1"):
    """The case ended (dossier clôturé)."""

    reason: ClosingReason


class CaseReopened(CaseEvent, frozen=True, kw_only=True, tag="case-reopened.v1"):
    """A closed case goes on (dossier rouvert)."""

    reason: Personal = ""
    citizen: CitizenRef | None = None


class ServiceEventRecorded(CaseEvent, frozen=True, kw_only=True, tag="service-event-recorded.v1"):
    """Something particular to the service happened on a case (événement propre à la démarche)."""

    name: ServiceEventName
    channel: Channel
    citizen: CitizenRef | None = None
    facts: Facts = {}
    content: Personal = ""


class CitizenForgotten(Event, frozen=True, kw_only=True, tag="citizen-forgotten.v1"):
    """The fence: this citizen's key is destroyed and never made again (usager oublié)."""

    citizen: CitizenRef
    legal_basis: Label

    @property
    def stream_id(self) -> StreamId:
        """Return the stream of this citizen."""
        return citizen_stream(self.citizen)


LedgerEvent = (
    AuthorityRegistered
    | ServicePublished
    | CaseOpened
    | InteractionRecorded
    | InteractionCorrected
    | StepRecorded
    | DocumentsRequested
    | DocumentsReceived
    | DocumentAttached
    | CaseAssigned
    | CaseHandedOver
    | CaseDecided
    | CaseClosed
    | CaseReopened
    | ServiceEventRecorded
    | CitizenForgotten
)
EVENTS: tuple[type[Event], ...] = get_args(LedgerEvent)
BY_TAG: dict[str, type[Event]] = {str(event.__struct_config__.tag): event for event in EVENTS}


def tag_of(event: Event) -> str:
    """Return the public tag of an event, such as `case-opened.v1`."""
    return str(event.__struct_config__.tag)
