"""What an order costs, and what becomes of it."""

import pytest
from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel

from {{ cookiecutter.package_name }}.events import (
    BasketFilled,
    OrderCollected,
    OrderPrepared,
    OrderPriced,
)
from {{ cookiecutter.package_name }}.rules import collected_share, price


@pytest.mark.parametrize(
    ("basket", "amount"),
    [
        (BasketFilled(), 0),
        (BasketFilled(bread=2), 900),
        (BasketFilled(vegetables=1, cheese=2, apples=1), 2900),
    ],
)
def test_a_basket_has_its_price(basket: BasketFilled, amount: int) -> None:
    assert price(basket).amount == amount


def test_what_the_stall_does_not_have_is_not_paid_for(trial: Trial) -> None:
    case = trial.fill(trial.begin())
    assert case.latest(OrderPriced) == OrderPriced(amount=2480)

    case = trial.cases.record(case.id, OrderPrepared(stall="12", missing=("eggs",)), Channel.INTERNAL)

    assert case.latest(OrderPriced) == OrderPriced(amount=2100)


def test_a_voucher_is_asked_for_only_where_it_pays(trial: Trial) -> None:
    case = trial.begin()
    assert "voucher" not in [page.name for page in trial.service.asked(case)]

    case = trial.fill(case)

    assert "voucher" in [page.name for page in trial.service.asked(case)]


def test_orders_that_were_fetched_are_measured(trial: Trial) -> None:
    case = trial.fill(trial.begin())
    assert collected_share([case]) is None

    case = trial.cases.record(case.id, OrderCollected(collected=False), Channel.INTERNAL)

    assert collected_share([case]) == 0.0
