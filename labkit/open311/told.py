"""What a partner tells of a citizen and of a place: personal, so sealed as one text beside the public facts.

The exact place is personal too: the pothole is nobody's, but the home before which it was reported is somebody's.
"""

import msgspec
from msgspec import Struct

CONTENT_MAX = 20_000


class Told(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The personal fields of a request, but for its description, which is the summary of the contact."""

    lat: float | None = None
    long: float | None = None
    address_string: str | None = None
    address_id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    device_id: str | None = None
    account_id: str | None = None
    media_url: str | None = None
    attributes: dict[str, str | list[str]] = {}


def write_told(told: Told) -> str:
    """Return the text to be sealed."""
    return msgspec.json.encode(told).decode()


def read_told(content: str) -> Told:
    """Return what a text says; one that somebody else wrote in another form says nothing here."""
    try:
        return msgspec.json.decode(content, type=Told)
    except msgspec.DecodeError:
        return Told()
