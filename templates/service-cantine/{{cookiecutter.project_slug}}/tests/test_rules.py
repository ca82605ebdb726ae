"""What the canteen makes of a quotient and of a month's meals."""

import pytest
from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel

from {{ cookiecutter.package_name }}.events import (
    Band,
    IncomeDeclared,
    InvoiceIssued,
    MealsCounted,
    TariffBandSet,
)
from {{ cookiecutter.package_name }}.rules import set_tariff_band


@pytest.mark.parametrize(
    ("quotient", "band"), [(0, "A"), (399, "A"), (400, "B"), (1299, "D"), (1300, "E"), (None, "E")]
)
def test_a_band_follows_from_the_quotient(quotient: int | None, band: Band) -> None:
    assert set_tariff_band(IncomeDeclared(quotient=quotient)).band == band


def test_the_tariff_is_set_as_soon_as_the_quotient_is_known(trial: Trial) -> None:
    case = trial.fill(trial.begin())

    tariff = case.latest(TariffBandSet)

    assert tariff is not None
    assert (tariff.band, tariff.meal_price) == ("B", 195)


def test_a_month_is_invoiced_at_the_family_s_tariff(trial: Trial) -> None:
    case = trial.fill(trial.begin())

    case = trial.cases.record(case.id, MealsCounted(month="2026-09", meals=8), Channel.INTERNAL)

    assert case.every(InvoiceIssued) == (InvoiceIssued(month="2026-09", meals=8, amount=1560),)


def test_an_allergy_is_asked_about_only_where_there_is_one(trial: Trial) -> None:
    case = trial.begin()
    assert "allergy" not in [page.name for page in trial.service.asked(case)]

    case = trial.fill(case)

    assert "allergy" in [page.name for page in trial.service.asked(case)]
