"""What happens between neighbours: one struct an event; its fields are the questions."""

from datetime import date
from typing import Annotated, Literal

from labkit.prototype import Email, Line, Personal, PersonalLines, Phone, ServiceEvent
from msgspec import Meta

Side = Literal["offer", "request"]
Help = Literal["errands", "company", "digital", "garden", "transport"]
Slot = Literal["morning", "afternoon", "evening", "weekend"]
Ground = Literal["phone", "email", "money"]
Verdict = Literal["published", "to-correct", "refused"]
District = Annotated[Literal["centre", "north", "south", "east", "west"], Meta(extra={"personal": True})]
Health = Annotated[bool, Meta(extra={"personal": True})]


class NeighbourIntroduced(ServiceEvent, frozen=True, kw_only=True, tag="neighbour-introduced.v1"):
    """Somebody said who they are and where they live (voisin présenté)."""

    first_name: Personal
    district: District
    phone: Phone
    email: Email | None = None


class HelpDescribed(ServiceEvent, frozen=True, kw_only=True, tag="help-described.v1"):
    """Somebody offered help, or asked for it (aide décrite)."""

    side: Side
    kind: Help
    slots: tuple[Slot, ...]
    words: PersonalLines


class TransportDescribed(ServiceEvent, frozen=True, kw_only=True, tag="transport-described.v1"):
    """Somebody said what the way asks for (trajet décrit)."""

    wheelchair: Health
    insured: bool


class CharterAccepted(ServiceEvent, frozen=True, kw_only=True, tag="charter-accepted.v1"):
    """Somebody read the charter of good neighbours (charte acceptée)."""

    of_age: bool
    agreed: bool


class NoticeFlagged(ServiceEvent, frozen=True, kw_only=True, tag="notice-flagged.v1"):
    """The words hold something that does not belong on a wall (annonce signalée)."""

    grounds: tuple[Ground, ...]


class NoticeReviewed(ServiceEvent, frozen=True, kw_only=True, tag="notice-reviewed.v1"):
    """An agent read a notice before the others do (annonce relue)."""

    verdict: Verdict
    reviewed_on: date


class NoticePublished(ServiceEvent, frozen=True, kw_only=True, tag="notice-published.v1"):
    """A notice hangs on the wall (annonce affichée)."""

    until: date


class MatchProposed(ServiceEvent, frozen=True, kw_only=True, tag="match-proposed.v1"):
    """An agent brought two neighbours together (mise en relation proposée)."""

    other_case: Line


class MatchEnded(ServiceEvent, frozen=True, kw_only=True, tag="match-ended.v1"):
    """An agent heard how it went (mise en relation terminée)."""

    outcome: Literal["met", "no-answer", "given-up"]
