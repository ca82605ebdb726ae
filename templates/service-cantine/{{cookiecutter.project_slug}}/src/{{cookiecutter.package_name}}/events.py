"""What happens at the canteen: one struct an event; its fields are the questions."""

from typing import Annotated, Literal

from labkit.prototype import Email, Money, Personal, PersonalDate, PersonalLines, Phone, ServiceEvent
from msgspec import Meta

School = Literal["jean-moulin", "les-lauriers", "marancy", "nandina-park"]
Day = Literal["monday", "tuesday", "thursday", "friday"]
Diet = Literal["standard", "vegetarian"]
Band = Annotated[Literal["A", "B", "C", "D", "E"], Meta(extra={"personal": True})]
Health = Annotated[bool, Meta(extra={"personal": True})]
Quotient = Annotated[int, Meta(ge=0, le=20_000, extra={"personal": True})]
PersonalMoney = Annotated[Money, Meta(extra={"personal": True, "kind": "money"})]
Meals = Annotated[int, Meta(ge=0, le=31)]
Month = Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


class FamilyIntroduced(ServiceEvent, frozen=True, kw_only=True, tag="family-introduced.v1"):
    """A parent said who answers for the child (famille présentée)."""

    parent: Personal
    phone: Phone
    email: Email | None = None


class ChildEnrolled(ServiceEvent, frozen=True, kw_only=True, tag="child-enrolled.v1"):
    """A parent named the child and the school (enfant inscrit)."""

    child: Personal
    born_on: PersonalDate
    school: School


class DaysChosen(ServiceEvent, frozen=True, kw_only=True, tag="days-chosen.v1"):
    """A parent chose the days and the meals (jours choisis)."""

    days: tuple[Day, ...]
    diet: Diet
    allergy: Health


class KitchenInformed(ServiceEvent, frozen=True, kw_only=True, tag="kitchen-informed.v1"):
    """A parent told the kitchen and the doctor what they must know (cuisine informée)."""

    allergy: PersonalLines
    care_plan: Health


class IncomeDeclared(ServiceEvent, frozen=True, kw_only=True, tag="income-declared.v1"):
    """A parent gave the family quotient, or preferred not to (quotient déclaré)."""

    quotient: Quotient | None = None


class TariffBandSet(ServiceEvent, frozen=True, kw_only=True, tag="tariff-band-set.v1"):
    """The tariff of a meal follows from the quotient (tranche fixée)."""

    band: Band
    meal_price: PersonalMoney


class MealsCounted(ServiceEvent, frozen=True, kw_only=True, tag="meals-counted.v1"):
    """An agent counted the meals of a month (repas comptés)."""

    month: Month
    meals: Meals


class InvoiceIssued(ServiceEvent, frozen=True, kw_only=True, tag="invoice-issued.v1"):
    """The month was invoiced (facture émise)."""

    month: Month
    meals: Meals
    amount: PersonalMoney
