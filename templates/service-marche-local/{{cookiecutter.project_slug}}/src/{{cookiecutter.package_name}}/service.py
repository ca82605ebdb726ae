"""The market: what buyers are asked, page after page, what stalls add, and what follows from it."""

from labkit.prototype import Page, Service, Variant

from {{ cookiecutter.package_name }}.events import (
    BasketFilled,
    BuyerIntroduced,
    OrderCollected,
    OrderPrepared,
    OrderPriced,
    PaymentChosen,
    PickUpChosen,
    VoucherGiven,
)
from {{ cookiecutter.package_name }}.rules import (
    collected_share,
    follow,
    is_prepared,
    is_sent,
    pays_by_voucher,
)

SERVICE = Service(
    pages=(
        Page("pick-up", PickUpChosen),
        Page("basket", BasketFilled),
        Page("payment", PaymentChosen),
        Page("voucher", VoucherGiven, when=pays_by_voucher),
        Page("buyer", BuyerIntroduced),
    ),
    desk=(
        Page("prepare", OrderPrepared, when=is_sent),
        Page("collect", OrderCollected, when=is_prepared),
    ),
    rules=(follow,),
    events=(OrderPriced,),
    # Do more people come when they chose the hour, or when any hour will do?
    variants=(Variant("slots", ("one-hour", "whole-morning")),),
    measures={"collected-share": collected_share},
)
