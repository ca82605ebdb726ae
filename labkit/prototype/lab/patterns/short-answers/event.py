"""Short answers: a name, an e-mail address, a telephone number, a whole number."""

from typing import Annotated

from msgspec import Meta

from labkit.prototype import Email, Personal, Phone, ServiceEvent

People = Annotated[int, Meta(ge=1, le=20)]


class ContactGiven(ServiceEvent, frozen=True, kw_only=True, tag="contact-given.v1"):
    """Somebody said who they are and how to reach them (coordonnées données)."""

    name: Personal
    email: Email
    phone: Phone | None = None
    people: People
