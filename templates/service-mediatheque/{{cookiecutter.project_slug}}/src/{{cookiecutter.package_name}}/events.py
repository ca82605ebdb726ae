"""What happens at the library: one struct an event; its fields are the questions."""

from datetime import date
from typing import Annotated, Literal

from labkit.prototype import Email, Money, Personal, PersonalDate, PersonalLines, Phone, ServiceEvent
from msgspec import Meta

PERSONAL = Meta(extra={"personal": True})
Residence = Literal["commune", "agglomeration", "elsewhere"]
# What somebody lives on, how old the household is and what it pays say something about people.
Situation = Annotated[Literal["none", "job-seeker", "minimum-income", "disability"], PERSONAL]
Ground = Annotated[Literal["resident", "under-26", "situation", "full"], PERSONAL]
People = Annotated[int, Meta(ge=0, le=30, extra={"personal": True})]
PersonalMoney = Annotated[Money, Meta(extra={"personal": True, "kind": "money"})]
CardNumber = Annotated[str, Meta(pattern=r"^[0-9]{8,14}$(?!\n)", extra={"personal": True})]


class ReaderIntroduced(ServiceEvent, frozen=True, kw_only=True, tag="reader-introduced.v1"):
    """Somebody said who the card is for (lecteur présenté)."""

    name: Personal
    born_on: PersonalDate
    email: Email | None = None
    phone: Phone | None = None


class GuardianAgreed(ServiceEvent, frozen=True, kw_only=True, tag="guardian-agreed.v1"):
    """A parent or guardian agreed to a minor’s card (accord parental donné)."""

    guardian: Personal
    phone: Phone
    agreed: bool


class HomeGiven(ServiceEvent, frozen=True, kw_only=True, tag="home-given.v1"):
    """Somebody said where they live, on which the tariff depends (domicile indiqué)."""

    residence: Residence
    address: PersonalLines


class HouseholdDescribed(ServiceEvent, frozen=True, kw_only=True, tag="household-described.v1"):
    """Somebody named those of the household who want a card too (foyer décrit)."""

    members: PersonalLines | None = None


class SituationGiven(ServiceEvent, frozen=True, kw_only=True, tag="situation-given.v1"):
    """Somebody who would pay said what might make the card free (situation indiquée)."""

    situation: Situation


class HouseholdCounted(ServiceEvent, frozen=True, kw_only=True, tag="household-counted.v1"):
    """How many adults and young people want a card follows from the lines (foyer compté)."""

    adults: People
    young: People
    unread: People


class TariffSet(ServiceEvent, frozen=True, kw_only=True, tag="tariff-set.v1"):
    """What a year costs follows from the address, the ages and the situation (tarif fixé)."""

    amount: PersonalMoney
    ground: Ground


class CardIssued(ServiceEvent, frozen=True, kw_only=True, tag="card-issued.v1"):
    """An agent gave a card at the desk (carte remise)."""

    number: CardNumber
    address_proved: bool
    paid: bool
    issued_on: date


class MembershipRenewed(ServiceEvent, frozen=True, kw_only=True, tag="membership-renewed.v1"):
    """An agent renewed a card, or saw that its holder moved (renouvellement)."""

    same_home: bool
    paid: bool
    renewed_on: date


class MembershipExtended(ServiceEvent, frozen=True, kw_only=True, tag="membership-extended.v1"):
    """The day until which the card is valid follows from its issue or renewal (inscription prolongée)."""

    valid_until: date
