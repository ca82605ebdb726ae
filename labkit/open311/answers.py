"""From rows of the view to the documents of Open311, in the reader's language, and no further than he may see.

What the citizen wrote, and the exact place, are for the partner who filed the request: he sent them. Everybody
else sees the service, the status, the milestones, and the place that the authority lets be seen.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from labkit.messages import Texts
from labkit.open311.documents import Value
from labkit.open311.settings import Attribute, Open311Settings, in_language
from labkit.open311.told import Told, read_told
from ledger.domain.vocabulary import ClosingReason, Language, Outcome
from projections.keys import to_moment
from projections.open311 import Filed, Offer, Update
from projections.reader import Reveal

Document = dict[str, Value]

MILESTONES = {
    "opened": "open311-note.opened",
    "assigned": "open311-note.assigned",
    "handed-over": "open311-note.handed-over",
    "documents-requested": "open311-note.documents-requested",
    "documents-received": "open311-note.documents-received",
    "decided": "open311-note.decided",
    "closed": "open311-note.closed",
    "reopened": "open311-note.reopened",
    "commented": "open311-note.commented",
    "service-event": "open311-note.service-event",
}


class Reader(Struct, frozen=True, kw_only=True):
    """Who reads: in which language, with whose key, and what opens sealed texts."""

    language: Language
    partner: str | None
    reveal: Reveal
    settings: Open311Settings

    def say(self, key: str, **details: object) -> str:
        """Return a text of the catalogue."""
        return Texts(self.language)(key, **details)

    def words(self, of: Any, field: str) -> str | None:  # noqa: ANN401  # any of the structs of the settings
        """Return a text of the settings, `None` where nothing was said."""
        return in_language(getattr(of, field), self.language) or None


def service(offer: Offer, reader: Reader) -> Document:
    """Return a service as the list of services tells it."""
    said = reader.settings.of(offer.service)
    return {
        "service_code": offer.service,
        "service_name": offer.name,
        "description": reader.words(said, "description"),
        "metadata": bool(said.attributes),
        "type": "realtime",
        "keywords": ", ".join(said.keywords) or None,
        "group": reader.words(said, "group"),
    }


def definition(offer: Offer, reader: Reader) -> Document:
    """Return what is asked for a service beside the place."""
    asked = reader.settings.of(offer.service).attributes
    return {
        "service_code": offer.service,
        "attributes": [_attribute(attribute, order, reader) for order, attribute in enumerate(asked, start=1)],
    }


def request(filed: Filed, reader: Reader) -> Document:
    """Return the current state of a request."""
    said = reader.settings.of(filed.service)
    told = _told_to(filed, reader)
    lat, long = (filed.lat, filed.long) if told.lat is None else (told.lat, told.long)
    return {
        "service_request_id": str(filed.case_id),
        "status": filed.status.value,
        "status_notes": filed.reason.label(reader.language) if filed.reason else None,
        "service_name": filed.service_name,
        "service_code": filed.service,
        "description": _read(filed.description, filed, reader),
        "agency_responsible": filed.agency,
        "service_notice": reader.words(said, "notice"),
        "requested_datetime": w3c(filed.requested_at),
        "updated_datetime": w3c(filed.updated_at),
        "expected_datetime": w3c(filed.expected_at) if filed.expected_at is not None else None,
        "address": told.address_string,
        "address_id": told.address_id,
        "zipcode": None,
        "lat": lat,
        "long": long,
        "media_url": told.media_url,
    }


def notes(history: Sequence[Update], reader: Reader) -> list[Value]:
    """Return a request's history, a line a milestone."""
    return [
        {"datetime": w3c(one.updated_at), "description": _milestone(one, reader), "type": one.kind} for one in history
    ]


def update(told: Update, reader: Reader) -> Document:
    """Return one milestone as the resource of updates tells it."""
    return {
        "update_id": str(told.position),
        "service_request_id": str(told.case_id),
        "status": told.status.value,
        "updated_datetime": w3c(told.updated_at),
        "description": _milestone(told, reader),
        "media_url": None,
    }


def _milestone(update: Update, reader: Reader) -> str:
    """Return what happened, in words; what the partner added is read back to him alone."""
    written = _read(update.text, update, reader)
    return written or reader.say(MILESTONES[update.kind], what=_detail(update, reader.language))


def w3c(instant: int) -> str:
    """Return an instant as W3C writes a date and time, in universal time."""
    return to_moment(instant).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _attribute(attribute: Attribute, order: int, reader: Reader) -> Document:
    values: list[Value] = [{"key": choice.key, "name": reader.words(choice, "name")} for choice in attribute.values]
    return {
        "variable": attribute.variable,
        "code": attribute.code,
        "datatype": attribute.datatype,
        "required": attribute.required,
        "datatype_description": reader.words(attribute, "datatype_description"),
        "order": order,
        "description": reader.words(attribute, "description"),
        **({"values": values} if values else {}),
    }


def _read(token: str, row: Filed | Update, reader: Reader) -> str | None:
    """Return what the partner wrote, if there is any and the reader may see it; a key that is destroyed shows none."""
    everybody = reader.settings.of(row.service).description_shown == "everybody"
    return (reader.reveal(token) or None) if token and (everybody or reader.partner == row.filed_by) else None


def _told_to(filed: Filed, reader: Reader) -> Told:
    content = reader.reveal(filed.content) if filed.content and reader.partner == filed.filed_by else None
    return read_told(content or "")


def _detail(update: Update, language: Language) -> str:
    match update.kind, update.detail:
        case "decided", str(outcome):
            return Outcome(outcome).label(language)
        case "closed", str(reason):
            return ClosingReason(reason).label(language)
        case "service-event", str(name):
            return name.partition(".")[0].replace("-", " ").capitalize()
        case _:
            return ""
