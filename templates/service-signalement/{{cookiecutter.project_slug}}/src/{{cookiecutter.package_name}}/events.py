"""What happens to a report from the street: one struct an event; its fields are the questions."""

from datetime import date
from typing import Annotated, Literal

from labkit.prototype import Document, Email, Personal, PersonalLines, Phone, ServiceEvent
from msgspec import Meta

# The codes are those that an Open311 server would list as `service_code`; the team is its `group`.
Category = Literal["pothole", "street-light", "rubbish", "graffiti", "tree", "sign", "water-leak", "other"]
Team = Literal["roads", "lighting", "cleaning", "green-spaces", "water"]
Hazard = Literal["live-wire", "deep-hole", "falling-object", "road-blocked", "slippery"]
Urgency = Literal["immediate", "soon", "planned"]
Result = Literal["repaired", "made-safe", "nothing-found", "not-ours"]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Reference = Annotated[str, Meta(pattern=r"^[A-Z0-9]{3}-[A-Z0-9]{3}$(?!\n)")]


class ProblemDescribed(ServiceEvent, frozen=True, kw_only=True, tag="problem-described.v1"):
    """Somebody said what is wrong (problème décrit)."""

    category: Category
    description: PersonalLines
    photo: Document | None = None


class PlaceDescribed(ServiceEvent, frozen=True, kw_only=True, tag="place-described.v1"):
    """Somebody said where it is: in words, and as a point if they know it (lieu décrit)."""

    place: Personal
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class DangerTold(ServiceEvent, frozen=True, kw_only=True, tag="danger-told.v1"):
    """Somebody said whether it may hurt a person now (danger signalé)."""

    danger: bool


class HazardDescribed(ServiceEvent, frozen=True, kw_only=True, tag="hazard-described.v1"):
    """Somebody said what the danger is (danger décrit)."""

    hazard: Hazard


class FollowUpChosen(ServiceEvent, frozen=True, kw_only=True, tag="follow-up-chosen.v1"):
    """Somebody said where to write to them; with nothing here the report is anonymous (suivi choisi)."""

    email: Email | None = None
    phone: Phone | None = None


class ReportSorted(ServiceEvent, frozen=True, kw_only=True, tag="report-sorted.v1"):
    """Which team goes there, how urgently and by when follow from the report (signalement orienté)."""

    team: Team
    urgency: Urgency
    go_by: date


class ReportMerged(ServiceEvent, frozen=True, kw_only=True, tag="report-merged.v1"):
    """An agent saw that another report tells of the same thing; that one goes on (doublon rattaché)."""

    duplicate_of: Reference


class TeamSent(ServiceEvent, frozen=True, kw_only=True, tag="team-sent.v1"):
    """A team is on its way (équipe envoyée)."""

    team: Team
    goes_on: date


class WorkDone(ServiceEvent, frozen=True, kw_only=True, tag="work-done.v1"):
    """The team came back, and this is what the reporter is told (intervention terminée)."""

    result: Result
    done_on: date
    notice: PersonalLines


class RepairPlanned(ServiceEvent, frozen=True, kw_only=True, tag="repair-planned.v1"):
    """What was only made safe is still to be repaired (réparation prévue)."""

    repair_by: date
