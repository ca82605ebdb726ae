"""What happens at the market: one struct an event; its fields are the questions."""

from typing import Annotated, Literal

from labkit.prototype import Email, Line, Money, Personal, Phone, ServiceEvent
from msgspec import Meta

Market = Literal["halles", "place-verte", "bord-de-l-eau"]
Slot = Literal["saturday-09", "saturday-10", "saturday-11", "wednesday-17"]
Means = Literal["at-the-stall", "voucher"]
Product = Literal["vegetables", "bread", "eggs", "cheese", "apples"]
Count = Annotated[int, Meta(ge=0, le=20)]
VoucherNumber = Annotated[str, Meta(pattern=r"^[0-9]{8}$", extra={"personal": True})]


class BasketFilled(ServiceEvent, frozen=True, kw_only=True, tag="basket-filled.v1"):
    """Somebody said how much of what (panier rempli)."""

    vegetables: Count = 0
    bread: Count = 0
    eggs: Count = 0
    cheese: Count = 0
    apples: Count = 0


class PickUpChosen(ServiceEvent, frozen=True, kw_only=True, tag="pick-up-chosen.v1"):
    """Somebody chose where and when to fetch the order (retrait choisi)."""

    market: Market
    slot: Slot


class BuyerIntroduced(ServiceEvent, frozen=True, kw_only=True, tag="buyer-introduced.v1"):
    """Somebody said who comes for the order (acheteur présenté)."""

    name: Personal
    phone: Phone
    email: Email | None = None


class PaymentChosen(ServiceEvent, frozen=True, kw_only=True, tag="payment-chosen.v1"):
    """Somebody chose how to pay (paiement choisi)."""

    means: Means


class VoucherGiven(ServiceEvent, frozen=True, kw_only=True, tag="voucher-given.v1"):
    """Somebody gave the number of a food voucher of the town’s (bon donné)."""

    number: VoucherNumber


class OrderPriced(ServiceEvent, frozen=True, kw_only=True, tag="order-priced.v1"):
    """The price of the order follows from the basket (commande chiffrée)."""

    amount: Money


class OrderPrepared(ServiceEvent, frozen=True, kw_only=True, tag="order-prepared.v1"):
    """A stall put the order together (commande préparée)."""

    stall: Line
    missing: tuple[Product, ...] = ()


class OrderCollected(ServiceEvent, frozen=True, kw_only=True, tag="order-collected.v1"):
    """Somebody fetched the order, or nobody came (commande retirée)."""

    collected: bool
