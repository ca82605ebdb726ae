"""The events that every prototype may record, whatever its service: queue, journey, trial, opinion."""

from typing import Annotated, Literal

from msgspec import Meta

from labkit.prototype.events import Line, PersonalLines, ServiceEvent
from ledger.domain.identifiers import Label

Score = Annotated[int, Meta(ge=1, le=5)]
Attempts = Annotated[int, Meta(ge=0, le=100)]
Version = Annotated[int, Meta(ge=1)]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,11}$(?!\n)")]


class RequestSubmitted(ServiceEvent, frozen=True, kw_only=True, tag="request-submitted.v1"):
    """The citizen read the answers again and sent the request (demande déposée)."""


class TicketTaken(ServiceEvent, frozen=True, kw_only=True, tag="ticket-taken.v1"):
    """Somebody took a number at the entrance (ticket pris)."""

    number: Line


class TicketCalled(ServiceEvent, frozen=True, kw_only=True, tag="ticket-called.v1"):
    """A desk called a number (ticket appelé)."""

    number: Line
    desk: Label


class TicketClosed(ServiceEvent, frozen=True, kw_only=True, tag="ticket-closed.v1"):
    """A ticket ended: its holder was received, or did not come (ticket terminé)."""

    number: Line
    outcome: Literal["received", "absent"]


class FeedbackGiven(ServiceEvent, frozen=True, kw_only=True, tag="feedback-given.v1"):
    """The citizen said how it went, from 1 (bad) to 5 (good) (avis donné)."""

    score: Score
    comment: PersonalLines | None = None


class DeliveryEnded(ServiceEvent, frozen=True, kw_only=True, tag="delivery-ended.v1"):
    """An answer reached the network that it was written for, or was given up after some attempts (envoi terminé)."""

    answer: Line
    delivered: bool
    attempts: Attempts


class VariantShown(ServiceEvent, frozen=True, kw_only=True, tag="variant-shown.v1"):
    """A page was shown in one of its variants (variante montrée)."""

    feature: Label
    variant: Label
    reason: Literal["chosen", "drawn"] = "drawn"


class CaseForked(ServiceEvent, frozen=True, kw_only=True, tag="case-forked.v1"):
    """What follows was copied from another case, up to one of its versions (dossier dédoublé)."""

    origin: Label
    until: Version


class TrialPrepared(ServiceEvent, frozen=True, kw_only=True, tag="trial-prepared.v1"):
    """A case was made ready for a participant, known by a code and never by a name (essai préparé)."""

    label: Code
    persona: Label | None = None
    channel: Label = "web"
    page: Label | None = None


class TrialBegun(ServiceEvent, frozen=True, kw_only=True, tag="trial-begun.v1"):
    """A participant agreed to the text shown and began (essai commencé)."""

    persona: Label | None = None
    consent: Label


class NoteTaken(ServiceEvent, frozen=True, kw_only=True, tag="note-taken.v1"):
    """An observer wrote something down during a trial (note prise)."""

    text: PersonalLines


class TrialEnded(ServiceEvent, frozen=True, kw_only=True, tag="trial-ended.v1"):
    """A participant stopped (essai terminé)."""


KIT_EVENTS: tuple[type[ServiceEvent], ...] = (
    RequestSubmitted,
    TicketTaken,
    TicketCalled,
    TicketClosed,
    FeedbackGiven,
    DeliveryEnded,
    VariantShown,
    CaseForked,
    TrialPrepared,
    TrialBegun,
    NoteTaken,
    TrialEnded,
)
