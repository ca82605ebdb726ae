"""What follows from an event, by the prices of the market. Pure: a case and an event in, events out."""

from collections.abc import Iterable, Mapping

import msgspec
from labkit.prototype import ServiceCase, ServiceEvent

from {{ cookiecutter.package_name }}.events import (
    BasketFilled,
    OrderCollected,
    OrderPrepared,
    OrderPriced,
    PaymentChosen,
    Product,
)

PRICE_CENTS: Mapping[Product, int] = {
    "vegetables": 1200,
    "bread": 450,
    "eggs": 380,
    "cheese": 690,
    "apples": 320,
}


def follow(case: ServiceCase, event: ServiceEvent) -> Iterable[ServiceEvent]:
    """Return what follows from an event."""
    match event:
        case BasketFilled():
            return [price(event)]
        case OrderPrepared() if event.missing:
            return price_again(case, event)
        case _:
            return ()


def price(basket: BasketFilled, *, missing: Iterable[Product] = ()) -> OrderPriced:
    """Price a basket; what is missing is not paid for."""
    counts: dict[Product, int] = msgspec.structs.asdict(basket)  # type: ignore[assignment]  # fields are products
    return OrderPriced(amount=sum(counts[name] * PRICE_CENTS[name] for name in counts.keys() - set(missing)))


def price_again(case: ServiceCase, prepared: OrderPrepared) -> Iterable[OrderPriced]:
    """Price an order without what its stall did not have."""
    basket = case.latest(BasketFilled)
    return () if basket is None else [price(basket, missing=prepared.missing)]


def pays_by_voucher(case: ServiceCase) -> bool:
    """Tell whether a voucher pays for the order."""
    chosen = case.latest(PaymentChosen)
    return chosen is not None and chosen.means == "voucher"


def is_sent(case: ServiceCase) -> bool:
    """Tell whether a stall may put the order together."""
    return case.submitted


def is_prepared(case: ServiceCase) -> bool:
    """Tell whether the order waits at its stall."""
    return case.latest(OrderPrepared) is not None


def collected_share(cases: Iterable[ServiceCase]) -> float | None:
    """Measure how many of the orders that were ready were fetched."""
    ended = [end.collected for case in cases if (end := case.latest(OrderCollected)) is not None]
    return sum(ended) / len(ended) if ended else None
