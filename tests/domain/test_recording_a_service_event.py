import msgspec
import pytest
from msgspec.structs import replace

from labkit.controls.commands import record_service_event
from labkit.controls.events import service_event_recorded
from labkit.controls.histories import a_closed_case, a_reopened_case, an_anonymous_case, an_open_case
from labkit.specification import given
from ledger.domain.case import Case, evolve, replay
from ledger.domain.commands import RecordServiceEvent
from ledger.domain.errors import CaseIsClosed, UnknownCase
from ledger.domain.events import ServiceEventRecorded


def test_a_service_event_is_recorded_on_an_open_case() -> None:
    given(*an_open_case()).when(record_service_event()).then(replace(service_event_recorded(), version=3))


def test_a_reopened_case_accepts_service_events_again() -> None:
    given(*a_reopened_case()).when(record_service_event()).then(replace(service_event_recorded(), version=6))


def test_a_service_event_of_an_anonymous_case_is_anonymous() -> None:
    anonymous = replace(service_event_recorded(), version=3, citizen=None)
    given(*an_anonymous_case()).when(record_service_event()).then(anonymous)


def test_the_same_may_happen_twice() -> None:
    past = an_open_case(service_event_recorded())
    given(*past).when(record_service_event()).then(replace(service_event_recorded(), version=4))


def test_a_closed_case_accepts_no_service_event() -> None:
    given(*a_closed_case()).when(record_service_event()).then_refused(CaseIsClosed)


def test_a_case_never_opened_accepts_no_service_event() -> None:
    given().when(record_service_event()).then_refused(UnknownCase)


def test_a_service_event_changes_nothing_that_a_rule_knows_of_its_case() -> None:
    before = replay(an_open_case())
    assert isinstance(before, Case)
    assert evolve(before, replace(service_event_recorded(), version=3)) == replace(before, version=3)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"yes": True, "no": None, "whole": -(2**53), "decimal": 2.5, "text": "x" * 200, "list": ("a", "")},
        {f"fact_{number}": number for number in range(50)},
        {"days": tuple(str(day) for day in range(50))},
    ],
)
def test_facts_are_read_as_they_were_written(facts: dict[str, object]) -> None:
    event = replace(service_event_recorded(), facts=facts)
    assert msgspec.json.decode(msgspec.json.encode(event), type=ServiceEventRecorded) == event


@pytest.mark.parametrize(
    "facts",
    [
        {"Days": 1},
        {"days\n": 1},
        {"d" * 65: 1},
        {"whole": 2**53 + 1},
        {"decimal": 1.1e15},
        {"text": "x" * 201},
        {"list": ["x" * 201]},
        {"list": [1]},
        {"list": ["a"] * 51},
        {"nested": {"a": 1}},
        {f"fact_{number}": number for number in range(51)},
    ],
    ids=lambda facts: next(iter(facts))[:10],
)
def test_facts_are_flat_and_bounded(facts: dict[str, object]) -> None:
    asked = msgspec.json.encode({**msgspec.to_builtins(record_service_event()), "facts": facts})
    with pytest.raises(msgspec.ValidationError, match="facts"):
        msgspec.json.decode(asked, type=RecordServiceEvent)


@pytest.mark.parametrize("name", ["days-chosen.v1", "slot2.v12", "a" * 77 + ".v1"])
def test_a_service_event_is_named_with_its_version(name: str) -> None:
    asked = msgspec.to_builtins(replace(record_service_event(), name=name))
    assert msgspec.convert(asked, RecordServiceEvent).name == name


@pytest.mark.parametrize(
    "name", ["", "days-chosen", "days-chosen.v0", "days.chosen.v1", "Days.v1", "-a.v1", "a.v1\n", "a" * 78 + ".v1"]
)
def test_no_other_name_is_taken(name: str) -> None:
    asked = msgspec.to_builtins(replace(record_service_event(), name=name))
    with pytest.raises(msgspec.ValidationError, match="name"):
        msgspec.convert(asked, RecordServiceEvent)
