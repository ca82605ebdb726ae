"""What is published, read as any subscriber would: with the CNCF's own library for Python."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.v1.event import CloudEvent
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.case import Placement
from ledger.domain.record import Cause, LoggedEvent
from ledger.domain.vocabulary import Channel
from ledger.publishing.cloudevents import CONTENT_TYPE
from ledger.publishing.feed import LogFeed
from ledger.publishing.message import Message, headers_of
from ledger.publishing.published import (
    UnreadableEvent,
    compose,
    parse,
    published,
    published_from_log,
    subject_in,
)
from ledger.publishing.subjects import subject_of
from ledger.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import MemoryLog

SOURCE = "https://pau.example/ledger"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
STORY = cast.identifier("a story")
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
PERSONAL = ("Lafourcade", "Léa", "Marca", "05 36", "06 39", "végétarien", "porc")


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[LoggedEvent]]:
    """Every kind of event, as a real ledger stores it."""
    with CaseLedger(Settings(data=tmp_path_factory.mktemp("ledger")), in_memory=True) as ledger:
        for command in commands.a_command_of_every_kind():
            ledger.execute(command, cast.stamp(command.occurred_at), Cause(correlation_id=STORY, traceparent=TRACE))
        yield ledger.read(0, 100)


def subject_and_headers(event: LoggedEvent) -> str:
    about = event.metadata
    subject = subject_of(Placement(about.authority, about.service, about.channel), event.tag)
    return f"{subject} {headers_of(Message(event.position, event.event_id, subject, b''), fenced=True)}"


def received(event: LoggedEvent) -> CloudEvent:
    message = HTTPMessage({"content-type": CONTENT_TYPE}, compose(event, SOURCE))
    parsed = from_structured_event(message)
    assert isinstance(parsed, CloudEvent)
    return parsed


def test_a_message_is_word_for_word_what_subscribers_rely_on(logged: list[LoggedEvent]) -> None:
    opened = logged[2]

    attributes, _, data = compose(opened, SOURCE).partition(b',"data":')

    assert attributes.decode() == (
        f'{{"specversion":"1.0","id":"{opened.event_id}",'
        '"source":"https://pau.example/ledger/authorities/216404459","type":"fr.collectivilab.case-opened.v1",'
        '"time":"2026-09-01T08:30:00Z","recordedtime":"2026-09-01T08:32:00Z","sequence":"00000000000000000003",'
        f'"datacontenttype":"application/json","channel":"counter","subject":"{cast.CASE}",'
        '"authority":"216404459","service":"restauration-scolaire",'
        '"dataschema":"https://pau.example/ledger/schemas/case-opened.v1.json",'
        f'"correlationid":"{STORY}","causationid":"{cast.command_id("open")}","traceparent":"{TRACE}"'
    )
    assert data == opened.data + b"}"


def test_every_event_is_a_cloudevent_to_the_reference_library(logged: list[LoggedEvent]) -> None:
    for event in logged:
        cloud_event = received(event)

        assert cloud_event.get_id() == str(event.event_id)
        assert cloud_event.get_type() == f"fr.collectivilab.{event.tag}"
        assert re.fullmatch(r"[a-z.]+\.[a-z-]+\.v[1-9]", cloud_event.get_type())
        assert cloud_event.get_source().startswith(SOURCE)
        assert cloud_event.get_time() == event.metadata.occurred_at
        assert cloud_event.get_data() == msgspec.json.decode(event.data)


def test_every_kind_of_event_was_looked_at(logged: list[LoggedEvent]) -> None:
    asked = {type(command).__name__ for command in commands.a_command_of_every_kind()}

    assert len({event.tag for event in logged}) == len(asked)


def test_source_and_identifier_name_an_event_once(logged: list[LoggedEvent]) -> None:
    named = {(received(event).get_source(), received(event).get_id()) for event in logged}

    assert len(named) == len(logged)


def test_attributes_are_named_as_the_specification_asks(logged: list[LoggedEvent]) -> None:
    for event in logged:
        for name, value in msgspec.json.decode(compose(event, SOURCE)).items():
            assert re.fullmatch("[a-z0-9]{1,20}", name)
            assert name == "data" or (isinstance(value, str) and value)


def test_both_times_are_moments_of_rfc_3339(logged: list[LoggedEvent]) -> None:
    for event in logged:
        message = msgspec.json.decode(compose(event, SOURCE))

        assert RFC_3339.fullmatch(message["time"])
        assert RFC_3339.fullmatch(message["recordedtime"])


def test_sequences_sort_as_text_as_positions_do_as_numbers(logged: list[LoggedEvent]) -> None:
    events = [replace(logged[0], position=position) for position in (1, 9, 10, 99, 100, 2**63)]

    sequences = [msgspec.json.decode(compose(event, SOURCE))["sequence"] for event in events]

    assert sequences == sorted(sequences)
    assert [int(sequence) for sequence in sequences] == [event.position for event in events]


def test_the_data_are_the_stored_bytes(logged: list[LoggedEvent]) -> None:
    odd = replace(logged[0], data=b'{ "event" : "authority-registered.v1",  "\\u00e9": 1.50 }')

    for event in (*logged, odd):
        assert compose(event, SOURCE).endswith(b',"data":' + event.data + b"}")
        assert bytes(parse(compose(event, SOURCE)).data) == event.data


def test_nothing_personal_is_published_in_clear(logged: list[LoggedEvent]) -> None:
    for event in logged:
        told = compose(event, SOURCE).decode() + subject_and_headers(event)

        assert not [word for word in PERSONAL if word in told]


def test_headers_and_subjects_name_neither_case_nor_citizen(logged: list[LoggedEvent]) -> None:
    for event in logged:
        told = subject_and_headers(event)

        assert str(cast.CASE) not in told
        assert str(cast.CITIZEN) not in told


def test_subjects_have_five_tokens_that_a_server_takes(logged: list[LoggedEvent]) -> None:
    for event in logged:
        about = event.metadata
        subject = subject_of(Placement(about.authority, about.service, about.channel), event.tag)

        assert re.fullmatch(r"ledger\.(\d{9}|_)\.([a-z0-9-]+|_)\.[a-z]+\.[a-z-]+", subject)


def test_subjects_are_as_many_as_places_and_not_as_cases(log: "MemoryLog") -> None:
    subjects = {
        subject_of(Placement(about.authority, about.service, about.channel), event.tag)
        for event in log.record(500)
        if (about := event.metadata)
    }

    assert subjects == {
        f"ledger.{cast.PAU}.{cast.CANTEEN}.counter.case-opened",
        f"ledger.{cast.PAU}.{cast.CANTEEN}.telephone.interaction-recorded",
    }


@pytest.mark.parametrize("channel", Channel)
def test_a_subject_says_the_channel(channel: Channel) -> None:
    assert subject_of(Placement(channel=channel), "case-closed.v1") == f"ledger._._.{channel.value}.case-closed"


def test_a_view_gets_the_same_from_the_log_as_from_the_stream(logged: list[LoggedEvent]) -> None:
    for event in logged:
        assert published(parse(compose(event, SOURCE))) == published_from_log(event)


@pytest.mark.parametrize(
    "change",
    [
        {"tag": "case-teleported.v7"},
        {"data": b'{"event":"case-opened.v1"}'},
        {"data": b'{"event":"case-opened.v1"'},
        {"data": b'{"event":"case-opened.v1","service":"\xff"}'},
    ],
    ids=["of a later version", "with fields missing", "cut off", "rotten"],
)
def test_what_cannot_be_read_is_told_with_its_place_and_its_case(
    logged: list[LoggedEvent], change: dict[str, str]
) -> None:
    broken = replace(logged[2], **change)

    with pytest.raises(UnreadableEvent, match="Event 3 cannot be read") as told:
        published_from_log(broken)

    assert (told.value.position, told.value.subject) == (3, cast.CASE)


def test_the_feed_of_the_log_goes_on_after_what_cannot_be_read(log: "MemoryLog") -> None:
    log.record(5)
    log.events[2] = replace(log.events[2], tag="case-teleported.v7")

    items = LogFeed(log).read(1, 3)

    assert [item.position for item in items] == [2, 3, 4]
    assert [isinstance(item, UnreadableEvent) for item in items] == [False, True, False]
    assert LogFeed(log).head() == 5


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        (f'{{"subject":"{cast.CASE}","channel":"telepathy"}}'.encode(), cast.CASE),
        (b'{"subject":"Mme Lafourcade"}', None),
        (b"[]", None),
        (b'{"subject":"\xff"}', None),
        (b"", None),
    ],
)
def test_the_case_of_a_message_is_found_though_the_rest_cannot_be_read(message: bytes, subject: object) -> None:
    assert subject_in(message) == subject
