"""What a partner asks in a form: a new request, or something to add to one. Checked here, recorded elsewhere."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from labkit.open311.errors import Refused
from labkit.open311.parameters import Parameters
from labkit.open311.questions import read_answers
from labkit.open311.settings import Open311Settings
from labkit.open311.told import CONTENT_MAX, Told, write_told
from projections.open311 import Offer

DESCRIPTION_MAX = 4_000
LATITUDE_MAX, LONGITUDE_MAX = 90.0, 180.0
_ADDRESS_OF_MEDIA = re.compile(r"https?://[^\s]+")


class NewRequest(Struct, frozen=True, kw_only=True):
    """A request as a partner files it."""

    offer: Offer
    description: str
    told: Told


class Addition(Struct, frozen=True, kw_only=True):
    """What a partner adds to a request; `update_id` is the partner's own, to tell a repeat."""

    named: str
    description: str
    update_id: str


def read_new_request(given: Parameters, offers: Sequence[Offer], settings: Open311Settings) -> NewRequest:
    """Return what is filed with one of the services of an authority.

    Raises:
        Refused: something is missing or wrong; it says everything that is.
    """
    description = given.text("description", length_max=DESCRIPTION_MAX)
    told = _told(given)
    offer = _offer(given, offers)
    if offer is not None:
        said = settings.of(offer.service)
        if said.location_required and not (told.lat is not None or told.address_string or told.address_id):
            given.complain("open311-error.no-location")
        told = replace(told, attributes=read_answers(given, said.attributes))
    if len(write_told(told)) > CONTENT_MAX:
        given.complain("open311-error.too-long-together", most=CONTENT_MAX)
    if offer is None or given.complaints:
        raise Refused(given.complaints)
    return NewRequest(offer=offer, description=description, told=told)


def read_addition(given: Parameters) -> Addition:
    """Return what is added to a request; a status is not taken, for the authority alone decides of it.

    Raises:
        Refused: something is missing or wrong.
    """
    addition = Addition(
        named=given.text("service_request_id"),
        description=given.text("description", length_max=DESCRIPTION_MAX),
        update_id=given.text("update_id"),
    )
    for name in ("service_request_id", "description"):
        if not given.all(name):
            given.complain("open311-error.not-given", name=name)
    given.settle()
    return addition


def read_identifier(text: str) -> UUID | None:
    """Return the case that an identifier names, `None` if it cannot be one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _offer(given: Parameters, offers: Sequence[Offer]) -> Offer | None:
    code = given.text("service_code")
    if not code:
        given.complain("open311-error.not-given", name="service_code")
        return None
    offer = next((offer for offer in offers if offer.service == code), None)
    if offer is None:
        given.complain("open311-error.unknown-service", status=HTTPStatus.NOT_FOUND, code=code)
    return offer


def _told(given: Parameters) -> Told:
    lat, long = given.number("lat", -LATITUDE_MAX, LATITUDE_MAX), given.number("long", -LONGITUDE_MAX, LONGITUDE_MAX)
    if bool(given.all("lat")) != bool(given.all("long")):
        given.complain("open311-error.half-location")
    media_url = given.text("media_url", length_max=2_000)
    if media_url and not _ADDRESS_OF_MEDIA.fullmatch(media_url):
        given.complain("open311-error.bad-media-url")
    return Told(
        lat=lat if long is not None else None,
        long=long if lat is not None else None,
        address_string=given.text("address_string", length_max=500) or None,
        address_id=given.text("address_id") or None,
        email=given.text("email") or None,
        first_name=given.text("first_name") or None,
        last_name=given.text("last_name") or None,
        phone=given.text("phone", length_max=50) or None,
        device_id=given.text("device_id") or None,
        account_id=given.text("account_id") or None,
        media_url=media_url or None,
    )
