import re
from pathlib import Path

import msgspec
import pytest

from labkit.controls import cast
from labkit.controls.commands import a_command_of_every_kind
from labkit.controls.events import contact_on
from labkit.controls.histories import an_event_of_every_kind, sealed
from ledger.domain.commands import COMMANDS
from ledger.domain.events import BY_TAG, EVENTS, Event, LedgerEvent, tag_of
from ledger.domain.vocabulary import Channel

ROOT = Path(__file__).parents[2]
GOLDEN = [line.encode() for line in Path(__file__).with_name("events.jsonl").read_text().splitlines()]
# What is stored and published of each sample. A released line is never edited: a new tag gets a new one.
SAMPLES: tuple[LedgerEvent, ...] = (
    *(sealed(event) for event in an_event_of_every_kind()),
    *(sealed(contact_on(channel)) for channel in Channel if channel is not Channel.TELEPHONE),
)

each_event = pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)


@pytest.mark.parametrize("sample", SAMPLES, ids=tag_of)
def test_a_sample_is_stored_as_it_always_was(sample: LedgerEvent) -> None:
    assert msgspec.json.encode(sample) in GOLDEN


@pytest.mark.parametrize("line", GOLDEN, ids=range(len(GOLDEN)))
def test_a_stored_line_is_read_as_it_always_was(line: bytes) -> None:
    event = msgspec.json.decode(line, type=LedgerEvent)
    assert event in SAMPLES
    assert msgspec.json.decode(line, type=BY_TAG[tag_of(event)]) == event


def test_a_stored_line_may_come_from_a_later_writer() -> None:
    later = GOLDEN[0][:-1] + b',"unheard_of":1}'
    assert msgspec.json.decode(later, type=LedgerEvent) == SAMPLES[0]


def test_stored_lines_hold_no_personal_text() -> None:
    told = b"".join(GOLDEN)
    for word in ("Lafourcade", "Léa", "06 39", "05 36"):
        assert word.encode() not in told


@each_event
def test_every_event_has_a_stored_line(event: type[Event]) -> None:
    tag = f'"event":"{event.__struct_config__.tag}"'.encode()
    assert any(tag in line for line in GOLDEN)


def test_every_event_has_a_sample_in_order() -> None:
    assert tuple(type(event) for event in an_event_of_every_kind()) == EVENTS


def test_every_sample_fills_every_field() -> None:
    for event in an_event_of_every_kind():
        assert msgspec.to_builtins(event).keys() - {"event"} == set(event.__struct_fields__)


@pytest.mark.parametrize("page", ["docs/en/glossary.md", "docs/fr/glossary.md", "CHANGELOG.md"])
@each_event
def test_every_event_is_explained(event: type[Event], page: str) -> None:
    text = (ROOT / page).read_text()
    told = text.partition("### Events")[2] if page == "CHANGELOG.md" else text
    assert f"`{event.__struct_config__.tag}`" in told


@each_event
def test_the_tag_of_an_event_is_its_name_and_a_version(event: type[Event]) -> None:
    words = "-".join(re.findall("[A-Z][a-z]+", event.__name__)).lower()
    assert re.fullmatch(rf"{words}\.v[1-9]", str(event.__struct_config__.tag))


def test_no_two_events_share_a_tag() -> None:
    assert len(BY_TAG) == len(EVENTS)
    assert {f"ledger.domain.events.{kind.__name__}" for kind in BY_TAG.values()} == {
        f"{kind.__module__}.{kind.__name__}" for kind in LedgerEvent.__args__
    }


def test_every_command_has_a_sample_in_order() -> None:
    assert tuple(type(command) for command in a_command_of_every_kind()) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_refuses_fields_it_does_not_know(command: type[object]) -> None:
    (sample,) = [sample for sample in a_command_of_every_kind() if type(sample) is command]
    misspelt = msgspec.json.encode(sample)[:-1] + b',"ocurred_at":1}'
    with pytest.raises(msgspec.ValidationError, match="ocurred_at"):
        msgspec.json.decode(misspelt, type=command)


def test_the_samples_are_always_the_same() -> None:
    assert str(cast.CASE) == "e78e7b9d-c31a-4d0e-8e4e-9c5872dc69b9"
    assert an_event_of_every_kind() == an_event_of_every_kind()
