"""The NATS binding of CloudEvents by its own words: its vectors, both ways to travel, and all that is refused."""

import asyncio
import json
import string
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nats
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as TheirCloudEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.publishing import cloudevents
from ledger.publishing.cloudevents import (
    CONTENT_TYPE,
    CloudEvent,
    InvalidCloudEvent,
    Message,
    decode_header,
    encode_header,
    from_message,
    to_binary,
    to_structured,
)
from ledger.publishing.published import compose
from ledger.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import NatsServer

ATTRIBUTES: dict[str, Any] = {
    "specversion": "1.0",
    "id": "A234-1234-1234",
    "source": "/mycontext",
    "type": "com.example.someevent",
}
EURO = "Euro € 😀"
EURO_ENCODED = "Euro%20%E2%82%AC%20%F0%9F%98%80"


def event(data: bytes | None = None, **more: Any) -> CloudEvent:
    return CloudEvent(attributes={**ATTRIBUTES, **more}, data=data)


def headers(**more: str) -> dict[str, str]:
    return {f"ce-{name}": value for name, value in {**ATTRIBUTES, **more}.items()}


def structured(**members: Any) -> bytes:
    return json.dumps({**ATTRIBUTES, **members}).encode()


def at_fault(given: Mapping[str, str] | None, payload: bytes) -> str:
    with pytest.raises(InvalidCloudEvent) as told:
        from_message(given, payload)
    assert told.value.attribute in str(told.value)
    return told.value.attribute


def test_the_module_can_be_lifted_out() -> None:
    source = Path(cloudevents.__file__).read_text(encoding="utf-8")
    imported = {line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))}

    assert imported == {"re", "base64", "collections.abc", "datetime", "msgspec"}


def test_the_vector_of_the_specification() -> None:
    assert encode_header(EURO) == EURO_ENCODED
    assert decode_header(EURO_ENCODED) == EURO
    assert to_binary(event(subject=EURO)).headers["ce-subject"] == EURO_ENCODED


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        (" ", "%20"),
        ('"', "%22"),
        ("%", "%25"),
        ("%41", "%2541"),
        ("!#$&'()*+,-./:;<=>?@[\\]^_`{|}~", "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"),
        ("\x7f\x80é", "%7F%C2%80%C3%A9"),
    ],
)
def test_what_is_encoded_is_what_the_binding_says_and_no_more(text: str, encoded: str) -> None:
    assert encode_header(text) == encoded
    assert decode_header(encoded) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("%e2%82%ac", "€"),
        ("%41%62%7E", "Ab~"),
        ("%2541", "%41"),
        ("a b", "a b"),
        ("  a\t", "a"),
        ('"a b"', "a b"),
        (r'"say \"yes\" \\ no"', r'say "yes" \ no'),
        (r'"\%41 %2541"', "A %41"),
        ('""', ""),
        ('a"b', 'a"b'),
    ],
)
def test_a_header_is_read_as_leniently_as_the_binding_asks(value: str, text: str) -> None:
    assert decode_header(value) == text


@pytest.mark.parametrize(
    "value", ["%C0%A0", "%c0%a0", "%ED%A0%80", "%FF", "%", "%4", "%zz", '"a', '"a"b"', '"a\\"', "é"]
)
def test_a_header_that_is_not_well_formed_names_its_attribute(value: str) -> None:
    assert at_fault(headers(subject=value), b"") == "subject"


def test_a_binary_event_has_each_attribute_in_a_header_and_its_data_as_they_are() -> None:
    message = to_binary(event(b"\x00\xff", datacontenttype="application/octet-stream", partitionkey="a b", retries=5))

    assert message == Message(
        headers={
            "ce-specversion": "1.0",
            "ce-id": "A234-1234-1234",
            "ce-source": "/mycontext",
            "ce-type": "com.example.someevent",
            "ce-datacontenttype": "application/octet-stream",
            "ce-partitionkey": "a%20b",
            "ce-retries": "5",
        },
        payload=b"\x00\xff",
    )


def test_what_is_no_text_travels_in_a_header_as_its_canonical_text() -> None:
    read = from_message(*parts(to_binary(event(urgent=True, rank=-7))))

    assert (read.attributes["urgent"], read.attributes["rank"]) == ("true", "-7")


def test_headers_are_found_whatever_their_case() -> None:
    shouted = {name.upper(): value for name, value in headers(subject="a").items()}

    assert from_message(shouted, b"x") == event(b"x", subject="a")


def test_headers_of_others_are_left_alone() -> None:
    assert from_message({**headers(), "Nats-Msg-Id": "%", "Content-Type": "text/plain"}, b"x") == event(b"x")


@pytest.mark.parametrize(
    "content_type",
    [CONTENT_TYPE, "application/cloudevents", "Application/CloudEvents+JSON; charset=utf-8", "APPLICATION/CLOUDEVENTS"],
)
@pytest.mark.parametrize("name", ["Content-Type", "content-type", "CONTENT-TYPE"])
def test_the_content_type_tells_a_structured_event(name: str, content_type: str) -> None:
    assert from_message({name: content_type, "ce-id": "another"}, structured()) == event()


@pytest.mark.parametrize("given", [None, {}])
def test_a_message_from_before_there_were_headers_is_structured(given: dict[str, str] | None) -> None:
    assert from_message(given, structured()) == event()


@pytest.mark.parametrize(
    ("content_type", "said"),
    [
        ("application/cloudevents-batch+json", "batch"),
        ("application/cloudevents-batch", "batch"),
        ("application/cloudevents+protobuf", "not the JSON format"),
    ],
)
def test_what_is_no_single_event_in_json_is_refused_by_its_name(content_type: str, said: str) -> None:
    with pytest.raises(InvalidCloudEvent, match=said) as told:
        from_message({"Content-Type": content_type}, b"[]")

    assert told.value.attribute == "Content-Type"


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type"])
def test_what_is_required_is_required_in_both_modes(name: str) -> None:
    for empty in ({}, {name: ""}):
        kept = {key: value for key, value in ATTRIBUTES.items() if key != name} | empty
        assert at_fault(None, json.dumps(kept).encode()) == name
        assert at_fault({f"ce-{key}": value for key, value in kept.items()} or {"ce-x": ""}, b"") == name
        with pytest.raises(InvalidCloudEvent):
            CloudEvent(attributes=kept)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("specversion", "1.0.2"),
        ("subject", ""),
        ("datacontenttype", ""),
        ("subject", "a\nb"),
        ("subject", "a\x85b"),
        ("subject", "a\ufffeb"),
        ("note", "a\U0010ffffb"),
        ("time", "2018-04-05"),
        ("time", "2018-04-05T17:31:00"),
        ("time", "2018-04-05 17:31:00Z"),
        ("time", "2018-02-30T17:31:00Z"),
        ("time", "2018-04-05T24:00:00Z"),
        ("time", "2018-04-05T17:31:00+24:00"),
        ("time", "２018-04-05T17:31:00Z"),
    ],
)
def test_what_breaks_a_rule_can_neither_be_made_nor_received(name: str, value: str) -> None:
    with pytest.raises(InvalidCloudEvent) as told:
        event(**{name: value})
    assert told.value.attribute == name
    assert at_fault(headers(**{name: encode_header(value)}), b"") == name
    assert at_fault(None, structured(**{name: value})) == name


@pytest.mark.parametrize("name", ["a_b", "a-b", "é", "a b", "", "data"])
def test_an_attribute_is_named_in_lower_case_letters_and_digits(name: str) -> None:
    with pytest.raises(InvalidCloudEvent, match="no name of an attribute"):
        CloudEvent(attributes={**ATTRIBUTES, name: "a"})
    assert at_fault(headers(**{name: "a"}), b"") == name


def test_the_names_of_attributes_in_json_are_taken_as_they_are() -> None:
    assert at_fault(None, structured(Note="a")) == "Note"


@pytest.mark.parametrize("value", [1.5, 2**31, -(2**31) - 1, 2**70, [], {}])
def test_an_attribute_has_a_type_of_the_specification(value: Any) -> None:
    assert at_fault(None, structured(note=value)) == "note"


@pytest.mark.parametrize("name", ["id", "subject", "time", "datacontenttype"])
def test_an_attribute_of_the_specification_is_a_text(name: str) -> None:
    assert at_fault(None, structured(**{name: 5})) == name


def test_an_attribute_that_is_null_is_not_there() -> None:
    assert from_message(None, structured(subject=None, unsetextension=None, data_base64=None)) == event()


@pytest.mark.parametrize(
    "time", ["2018-04-05T17:31:00Z", "2018-04-05t17:31:00.123456789+02:00", "2016-12-31T23:59:60z"]
)
def test_a_moment_is_one_of_rfc_3339(time: str) -> None:
    assert event(time=time).attributes["time"] == time


def test_a_header_given_twice_in_two_cases_is_refused() -> None:
    assert at_fault({**headers(), "CE-ID": "another"}, b"") == "id"
    assert at_fault({"Content-Type": CONTENT_TYPE, "content-type": "text/plain"}, structured()) == "content-type"


@pytest.mark.parametrize("payload", [b"", b"[]", b"{", b'"a"', b'{"id":"\xff"}', b"[" * 100_000])
def test_a_payload_that_is_no_json_object_is_refused(payload: bytes) -> None:
    assert at_fault(None, payload) == "data"


@pytest.mark.parametrize(
    ("members", "data", "content_type"),
    [
        (
            {"datacontenttype": "application/json", "data": {"a": [1.50, "é"]}},
            b'{"a": [1.5, "\\u00e9"]}',
            "application/json",
        ),
        ({"data": "I'm just a string"}, b'"I\'m just a string"', "application/json"),
        ({"data": None}, b"null", "application/json"),
        (
            {"datacontenttype": "application/geo+json; charset=utf-8", "data": 1},
            b"1",
            "application/geo+json; charset=utf-8",
        ),
        ({"datacontenttype": "application/xml", "data": "<é/>"}, "<é/>".encode(), "application/xml"),
        ({"datacontenttype": "image/png", "data_base64": "AP8="}, b"\x00\xff", "image/png"),
        ({"data_base64": "AP8="}, b"\x00\xff", None),
        ({}, None, None),
    ],
)
def test_data_are_read_as_the_json_format_says(
    members: dict[str, Any], data: bytes | None, content_type: str | None
) -> None:
    read = from_message(None, structured(**members))

    assert (read.data, read.attributes.get("datacontenttype")) == (data, content_type)
    assert from_message(*parts(to_binary(read))) == read
    assert from_message(*parts(to_structured(read))) == read


@pytest.mark.parametrize(
    "members",
    [
        {"data": 1, "data_base64": "AP8="},
        {"data_base64": "A"},
        {"data_base64": "AP 8="},
        {"data_base64": True},
        {"datacontenttype": "text/plain", "data": 1},
    ],
)
def test_data_that_cannot_be_had_are_refused(members: dict[str, Any]) -> None:
    assert at_fault(None, structured(**members)) == "data"


@pytest.mark.parametrize("data", [b"{", b"", b'"\xff"', b"[" * 100_000])
def test_what_is_declared_to_be_json_must_be(data: bytes) -> None:
    with pytest.raises(InvalidCloudEvent, match="data"):
        to_structured(event(data, datacontenttype="application/json"))


def test_json_travels_byte_for_byte() -> None:
    odd = b'{ "a" : 1.50, "\\u00e9":"\xc3\xa9"}'

    assert to_structured(event(odd, datacontenttype="application/json")).payload.endswith(b',"data":' + odd + b"}")
    assert from_message(*parts(to_structured(event(odd, datacontenttype="application/json")))).data == odd


EXCHANGED = st.characters(exclude_categories=("Cs", "Cc", "Cn"))
TEXTS = st.text(EXCHANGED, min_size=1).filter(lambda text: text == text.strip(" \t"))
NAMES = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=20).filter(
    lambda name: name not in {"data", "time", "specversion", "datacontenttype"}
)
EVENTS = st.builds(
    lambda extensions, data: CloudEvent(attributes={**ATTRIBUTES, **extensions}, data=data),
    st.dictionaries(NAMES, TEXTS, max_size=4),
    st.none() | st.binary(min_size=1),
)


@settings(max_examples=40, deadline=None)
@given(EVENTS)
def test_an_event_survives_both_modes(some: CloudEvent) -> None:
    assert from_message(*parts(to_binary(some))) == some
    assert from_message(*parts(to_structured(some))) == some


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=12), st.text(max_size=12), max_size=3), st.binary(max_size=60))
def test_whatever_comes_is_an_event_or_is_refused(given: dict[str, str], payload: bytes) -> None:
    for some in (given, {**headers(), **given}, {"Content-Type": CONTENT_TYPE, **given}):
        with suppress(InvalidCloudEvent):
            assert from_message(some, payload).attributes["specversion"] == "1.0"


@settings(max_examples=40, deadline=None)
@given(EVENTS)
def test_the_reference_library_reads_our_structured_form(some: CloudEvent) -> None:
    theirs = JSONFormat().read(TheirCloudEvent, to_structured(some).payload)

    assert {name: theirs.get_attributes()[name] for name in some.attributes} == some.attributes
    assert theirs.get_data() == some.data


def test_what_the_ledger_publishes_passes_through_unchanged(tmp_path: Path) -> None:
    with CaseLedger(Settings(data=tmp_path), in_memory=True) as ledger:
        for command in commands.a_command_of_every_kind():
            ledger.execute(command, cast.stamp(command.occurred_at))
        messages = [compose(logged, "https://pau.example") for logged in ledger.read(0, 100)]

    for message in messages:
        read = from_message({"Content-Type": CONTENT_TYPE}, message)
        assert to_structured(read).payload == message
        assert from_message(*parts(to_binary(read))) == read


def test_a_binary_event_survives_a_real_server(server: "NatsServer") -> None:
    sent = event(b"\x00\xff", subject=EURO, datacontenttype="application/octet-stream")

    assert asyncio.run(passed_through(server.broker.ledger_url, to_binary(sent))) == sent


async def passed_through(url: str, message: Message) -> CloudEvent:
    client = await nats.connect(url)
    try:
        heard = await client.subscribe("vector")
        await client.publish("vector", message.payload, headers=message.headers)
        received = await heard.next_msg(timeout=5)
    finally:
        await client.close()
    return from_message(received.headers, received.data)


def parts(message: Message) -> tuple[dict[str, str], bytes]:
    return message.headers, message.payload
