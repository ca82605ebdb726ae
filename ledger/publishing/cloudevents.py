"""CloudEvents 1.0 on NATS, both ways they may travel: structured JSON (binding 1.0.2) and binary (1.0.3).

To be lifted into any project: it needs msgspec and nothing of ours, and knows no connection. What breaks a rule of the
specification cannot be made, neither to be sent nor by being received. The binding has no batches: they are refused.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import date

import msgspec
from msgspec import Raw, Struct

SPECVERSION = "1.0"
CONTENT_TYPE = "application/cloudevents+json"
REQUIRED = ("specversion", "id", "source", "type")
JSON_CONTENT_TYPE = "application/json"

Attribute = str | int | bool

_STRUCTURED = ("application/cloudevents", CONTENT_TYPE)
_TEXTS = (*REQUIRED, "subject", "time", "dataschema", "datacontenttype")
_NAME = re.compile("[a-z0-9]+")
_JSON_TYPE = re.compile(r"[^/;\s]+/(?:[^/;\s]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
# Control characters, halves of surrogate pairs, and what Unicode keeps from being exchanged.
_PLANES = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
_FORBIDDEN = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_PLANES}]")
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.IGNORECASE | re.ASCII,
)
_TO_ENCODE = re.compile(r'[^\x21-\x7e]|["%]')
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})?")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_decode_members: Callable[[bytes], dict[str, Raw]] = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_value: Callable[[Raw], Attribute | None] = msgspec.json.Decoder(Attribute | None).decode


class InvalidCloudEvent(ValueError):
    """What breaks a rule of the specification; `attribute` is at fault, or the `data`, or the `Content-Type`."""

    def __init__(self, attribute: str, reason: str) -> None:
        super().__init__(f"{attribute} {reason}")
        self.attribute = attribute


class CloudEvent(Struct, frozen=True, kw_only=True):
    """Attributes by their names, extensions among them, and the data as bytes."""

    attributes: dict[str, Attribute]
    data: bytes | None = None

    def __post_init__(self) -> None:
        for name in REQUIRED:
            if not self.attributes.get(name):
                raise InvalidCloudEvent(name, "is required")
        for name, value in self.attributes.items():
            _check(name, value)


class Message(Struct, frozen=True, kw_only=True):
    """What is handed to a NATS client: headers, and the payload."""

    headers: dict[str, str]
    payload: bytes


def to_structured(event: CloudEvent) -> Message:
    """Return an event as one JSON text; data that are declared to be JSON are spliced in as they are.

    Raises:
        InvalidCloudEvent: the data are declared to be JSON and are not.
    """
    members: dict[str, Attribute | Raw] = dict(event.attributes)
    if event.data is not None and _declares_json(event.attributes):
        members["data"] = _json(event.data)
    elif event.data is not None:
        members["data_base64"] = b64encode(event.data).decode()
    return Message(headers={"Content-Type": CONTENT_TYPE}, payload=msgspec.json.encode(members))


def to_binary(event: CloudEvent) -> Message:
    """Return an event whose attributes are headers and whose data are the payload."""
    headers = {
        f"ce-{name}": encode_header(str(value).lower() if isinstance(value, bool) else str(value))
        for name, value in event.attributes.items()
    }
    return Message(headers=headers, payload=event.data or b"")


def from_message(headers: Mapping[str, str] | None, payload: bytes) -> CloudEvent:
    """Read an event in whichever mode it came; attributes that come as headers are texts.

    A message without any header is structured: so it is from a server, or a sender, that knows no headers.

    Raises:
        InvalidCloudEvent: the message is no CloudEvent.
    """
    if not headers:
        return _from_json(payload)
    own = _folded(headers)
    media_type = own.get("content-type", "").partition(";")[0].strip().lower()
    if not media_type.startswith("application/cloudevents"):
        return _from_headers(own, payload)
    if media_type not in _STRUCTURED:
        reason = "a batch, which NATS has no mode for" if "-batch" in media_type else "not the JSON format"
        raise InvalidCloudEvent("Content-Type", f"{media_type} is {reason}")
    return _from_json(payload)


def encode_header(text: str) -> str:
    """Return a text as a header may bear it: spaces, quotes, percent signs and all but ASCII percent-encoded."""
    return _TO_ENCODE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)


def decode_header(value: str) -> str:
    """Return the text of a header: its double quotes undone, then exactly one round of percent-decoding.

    Raises:
        ValueError: the value is not as the binding asks.
    """
    text = value.strip(" \t")
    if text.startswith('"'):
        if not (quoted := _QUOTED.fullmatch(text)):
            raise ValueError("has a quote that does not end")
        text = re.sub(r"\\(.)", r"\1", quoted[1])
    if not text.isascii():
        raise ValueError("has characters that should be percent-encoded")
    try:
        return _ENCODED.sub(_byte, text).encode("latin-1").decode()
    except UnicodeDecodeError as error:
        raise ValueError("is no UTF-8 once it is percent-decoded") from error


def _byte(found: re.Match[str]) -> str:
    if found[1] is None:
        raise ValueError("has a percent sign without two hexadecimal digits")
    return chr(int(found[1], 16))


def _folded(headers: Mapping[str, str]) -> dict[str, str]:
    # NATS keeps the case of header names and looks them up as they are; the binding does not care for it.
    folded: dict[str, str] = {}
    for name, value in headers.items():
        if (lower := name.lower()) in folded:
            raise InvalidCloudEvent(lower.removeprefix("ce-"), "is given twice")
        if lower == "content-type" or lower.startswith("ce-"):
            folded[lower] = value
    return folded


def _from_headers(headers: Mapping[str, str], payload: bytes) -> CloudEvent:
    names = [header.removeprefix("ce-") for header in headers if header.startswith("ce-")]
    return CloudEvent(attributes={name: _decoded(name, headers[f"ce-{name}"]) for name in names}, data=payload or None)


def _decoded(name: str, value: str) -> str:
    try:
        return decode_header(value)
    except ValueError as error:
        raise InvalidCloudEvent(name, str(error)) from error


def _from_json(payload: bytes) -> CloudEvent:
    members = _members(payload)
    data, encoded = members.pop("data", None), _value("data_base64", members.pop("data_base64", Raw(b"null")))
    # An attribute that is null is one that is not there.
    attributes = {name: value for name, raw in members.items() if (value := _value(name, raw)) is not None}
    if encoded is not None:
        if data is not None:
            raise InvalidCloudEvent("data", "and data_base64 exclude each other")
        return CloudEvent(attributes=attributes, data=_from_base64(encoded))
    if data is None:
        return CloudEvent(attributes=attributes)
    # What is JSON without saying so has to say so once there is no JSON around it.
    attributes.setdefault("datacontenttype", JSON_CONTENT_TYPE)
    return CloudEvent(attributes=attributes, data=bytes(data) if _declares_json(attributes) else _from_text(data))


def _members(payload: bytes) -> dict[str, Raw]:
    try:
        payload.decode()
        return _decode_members(payload)
    except _NO_JSON as error:
        raise InvalidCloudEvent("data", f"cannot be found, for the payload is no JSON object: {error}") from error


def _value(name: str, raw: Raw) -> Attribute | None:
    try:
        return _decode_value(raw)
    except msgspec.DecodeError as error:
        raise InvalidCloudEvent(name, "must be a text, a whole number, true or false") from error


def _from_base64(encoded: Attribute) -> bytes:
    try:
        return b64decode(msgspec.convert(encoded, str), validate=True)
    except ValueError as error:
        raise InvalidCloudEvent("data", f"are not in Base64: {error}") from error


def _from_text(raw: Raw) -> bytes:
    try:
        return msgspec.json.decode(raw, type=str).encode()
    except msgspec.DecodeError as error:
        raise InvalidCloudEvent("data", "must be a text unless they are declared to be JSON") from error


def _json(data: bytes) -> Raw:
    try:
        data.decode()
        msgspec.json.decode(data)
    except _NO_JSON as error:
        raise InvalidCloudEvent("data", f"are declared to be JSON and are not: {error}") from error
    return Raw(data)


def _declares_json(attributes: Mapping[str, Attribute]) -> bool:
    return bool(_JSON_TYPE.fullmatch(str(attributes.get("datacontenttype", ""))))


def _check(name: str, value: Attribute) -> None:
    if not _NAME.fullmatch(name) or name == "data":
        raise InvalidCloudEvent(name, "is no name of an attribute: lower-case ASCII letters and digits")
    if isinstance(value, str):
        _check_text(name, value)
    elif name in _TEXTS:
        raise InvalidCloudEvent(name, "must be a text")
    elif not isinstance(value, bool) and not -(2**31) <= value < 2**31:
        raise InvalidCloudEvent(name, "must be a whole number of 32 bits")


def _check_text(name: str, value: str) -> None:
    if name in _TEXTS and not value:
        raise InvalidCloudEvent(name, "must not be empty")
    if _FORBIDDEN.search(value):
        raise InvalidCloudEvent(name, "holds a character that no attribute may hold")
    if name == "specversion" and value != SPECVERSION:
        raise InvalidCloudEvent(name, f"must be {SPECVERSION}")
    if name == "time" and not _is_moment(value):
        raise InvalidCloudEvent(name, "must be a date and time of RFC 3339")


def _is_moment(text: str) -> bool:
    try:
        return bool(_RFC_3339.fullmatch(text) and date.fromisoformat(text[:10]))
    except ValueError:
        return False
