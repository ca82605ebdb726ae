from collections.abc import Callable
from contextlib import nullcontext

import msgspec
import pytest

from labkit.controls import cast, commands
from labkit.controls.histories import SEALED, an_event_of_every_kind, sealed
from ledger.domain.citizen import data_subject, personal_fields
from ledger.domain.commands import COMMANDS, CloseCase, Command
from ledger.domain.events import EVENTS, CaseEvent, Event

PERSONAL = {
    "CaseOpened": ("title",),
    "InteractionRecorded": ("summary", "contact"),
    "InteractionCorrected": ("reason", "summary", "contact"),
    "DocumentAttached": ("title",),
    "CaseHandedOver": ("reason",),
    "CaseDecided": ("grounds",),
    "CaseReopened": ("reason",),
    "ServiceEventRecorded": ("content",),
}


@pytest.mark.parametrize("event", EVENTS)
def test_what_is_personal_in_an_event_is_known(event: type[Event]) -> None:
    assert personal_fields(event) == PERSONAL.get(event.__name__, ())


@pytest.mark.parametrize("event", [event for event in EVENTS if event.__name__ in PERSONAL])
def test_an_event_with_personal_fields_names_whose_they_are(event: type[Event]) -> None:
    assert issubclass(event, CaseEvent)
    assert "citizen" in event.__struct_fields__


@pytest.mark.parametrize("command", COMMANDS)
def test_a_text_that_is_personal_in_an_event_is_personal_in_its_command(command: type[Command]) -> None:
    words = {"title", "summary", "contact", "grounds", "reason", "content"} & set(command.__struct_fields__)
    assert set(personal_fields(command)) == (words if command is not CloseCase else set())  # Its reason is a Term.


@pytest.mark.parametrize("command", [commands.correct_interaction, commands.hand_over_case, commands.reopen_case])
def test_a_reason_is_optional_and_takes_one_line(command: Callable[[], Command]) -> None:
    for length, fits in ((0, True), (1, True), (200, True), (201, False)):
        reason = {**msgspec.to_builtins(command()), "reason": "é" * length}
        with nullcontext() if fits else pytest.raises(msgspec.ValidationError, match="reason"):
            msgspec.convert(reason, type(command()))


def test_the_subject_is_the_citizen_or_for_an_anonymous_contact_the_case() -> None:
    assert data_subject(cast.CITIZEN, cast.CASE) == cast.CITIZEN
    assert data_subject(None, cast.CASE) == cast.CASE


def test_a_sealed_event_shows_no_personal_text() -> None:
    for event in an_event_of_every_kind():
        hidden = {getattr(sealed(event), name) for name in personal_fields(type(event))}
        assert hidden <= {SEALED}
        assert sealed(event).version == event.version


def test_the_samples_hold_a_text_in_every_personal_field() -> None:
    for event in an_event_of_every_kind():
        assert all(getattr(event, name) for name in personal_fields(type(event)))
