"""What follows from an event, by the rules of the canteen. Pure: a case and an event in, events out."""

from collections.abc import Iterable

from labkit.prototype import ServiceCase, ServiceEvent

from {{ cookiecutter.package_name }}.events import (
    Band,
    DaysChosen,
    IncomeDeclared,
    InvoiceIssued,
    MealsCounted,
    TariffBandSet,
)

QUOTIENT_BELOW: tuple[tuple[int, Band], ...] = ((400, "A"), (700, "B"), (1000, "C"), (1300, "D"))
MEAL_PRICE_CENTS: dict[Band, int] = {"A": 100, "B": 195, "C": 290, "D": 385, "E": 480}


def follow(case: ServiceCase, event: ServiceEvent) -> Iterable[ServiceEvent]:
    """Return what follows from an event."""
    match event:
        case IncomeDeclared():
            return [set_tariff_band(event)]
        case MealsCounted():
            return issue_invoice(case, event)
        case _:
            return ()


def set_tariff_band(declared: IncomeDeclared) -> TariffBandSet:
    """Set the tariff; without a quotient a meal costs its full price."""
    band: Band = "E"
    if declared.quotient is not None:
        band = next((band for below, band in QUOTIENT_BELOW if declared.quotient < below), "E")
    return TariffBandSet(band=band, meal_price=MEAL_PRICE_CENTS[band])


def issue_invoice(case: ServiceCase, counted: MealsCounted) -> Iterable[InvoiceIssued]:
    """Invoice a month once its meals are counted, at the family's tariff."""
    tariff = case.latest(TariffBandSet)
    if tariff is None:
        return ()
    amount = counted.meals * tariff.meal_price
    return [InvoiceIssued(month=counted.month, meals=counted.meals, amount=amount)]


def has_allergy(case: ServiceCase) -> bool:
    """Tell whether the allergy is to be described."""
    chosen = case.latest(DaysChosen)
    return chosen is not None and chosen.allergy
