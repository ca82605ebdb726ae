"""What happens around help at home: one struct an event; all that is said of a person is personal."""

from datetime import date
from typing import Annotated, Literal

from labkit.prototype import Line, Personal, PersonalDate, PersonalLines, Phone, ServiceEvent
from msgspec import Meta

PERSONAL = Meta(extra={"personal": True})
Need = Literal["washing", "dressing", "meals", "moving", "housework", "company"]
Link = Literal["family", "neighbour", "social-worker", "guardian"]
Needs = Annotated[tuple[Need, ...], PERSONAL]
Kinship = Annotated[Link, PERSONAL]
YesNo = Annotated[bool, PERSONAL]
Gir = Annotated[int, Meta(ge=1, le=6, description="1 is dependent, 6 is not.", extra={"personal": True})]
Hours = Annotated[int, Meta(ge=0, le=300, extra={"personal": True})]
Oriented = Annotated[Literal["apa", "pension-fund", "mdph"], PERSONAL]


class PersonIntroduced(ServiceEvent, frozen=True, kw_only=True, tag="person-introduced.v1"):
    """Somebody said who is to be helped (personne présentée)."""

    person: Personal
    born_on: PersonalDate
    phone: Phone
    for_another: YesNo


class HelperIntroduced(ServiceEvent, frozen=True, kw_only=True, tag="helper-introduced.v1"):
    """Whoever asks for another said who they are (aidant présenté)."""

    name: Personal
    link: Kinship
    phone: Phone
    person_agrees: YesNo


class HomeDescribed(ServiceEvent, frozen=True, kw_only=True, tag="home-described.v1"):
    """Somebody described the home (domicile décrit)."""

    address: PersonalLines
    lives_alone: YesNo


class NeedsDescribed(ServiceEvent, frozen=True, kw_only=True, tag="needs-described.v1"):
    """Somebody said what has become difficult (besoins décrits)."""

    needs: Needs
    back_from_hospital: YesNo
    words: PersonalLines | None = None


class ConsentGiven(ServiceEvent, frozen=True, kw_only=True, tag="consent-given.v1"):
    """Somebody chose who may read this (consentement donné)."""

    assessor: YesNo
    doctor: YesNo


class OrientationSet(ServiceEvent, frozen=True, kw_only=True, tag="orientation-set.v1"):
    """Who is to be asked follows from the age, then from the assessment (orientation fixée)."""

    to: Oriented


class VisitPlanned(ServiceEvent, frozen=True, kw_only=True, tag="visit-planned.v1"):
    """An assessor will come to the home (visite prévue)."""

    planned_on: date
    assessor: Line


class AssessmentMade(ServiceEvent, frozen=True, kw_only=True, tag="assessment-made.v1"):
    """The assessor saw the person at home (évaluation faite)."""

    gir: Gir
    remarks: PersonalLines | None = None


class PlanProposed(ServiceEvent, frozen=True, kw_only=True, tag="plan-proposed.v1"):
    """The hours of help a month that the authority proposes (plan d’aide proposé)."""

    hours: Hours
