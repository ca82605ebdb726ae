from datetime import timedelta

import pytest
from msgspec.structs import fields, replace

from labkit.controls import cast
from labkit.controls.commands import a_command_of_every_kind, close_case, record_phone_call
from labkit.controls.events import phone_call
from labkit.controls.histories import (
    a_case_awaiting_documents,
    a_closed_case,
    an_authority,
    an_authority_with_a_service,
    an_open_case,
    numbered_from,
)
from labkit.specification import given
from ledger.domain.commands import COMMANDS, LedgerCommand
from ledger.domain.decisions import CLOCK_TOLERANCE
from ledger.domain.errors import OccurredInTheFuture, Refusal
from ledger.domain.events import EVENTS, Event, LedgerEvent

PASTS: tuple[tuple[LedgerEvent, ...], ...] = (
    (),
    an_authority(),
    an_authority_with_a_service(),
    an_open_case(),
    (*a_case_awaiting_documents(), *numbered_from(5, phone_call())),
    a_closed_case(),
)

each_command = pytest.mark.parametrize("command", a_command_of_every_kind(), ids=lambda command: type(command).__name__)


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_says_when_it_happened_and_when_it_was_recorded(event: type[Event]) -> None:
    required = {field.name for field in fields(event) if field.required}
    assert {"occurred_at", "stamp", "version"} <= required


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_when_it_happened(command: type[LedgerCommand]) -> None:
    required = {field.name for field in fields(command) if field.required}
    assert {"occurred_at", "command_id"} <= required


@each_command
def test_events_keep_both_times_apart(command: LedgerCommand) -> None:
    keyed_in_late = cast.stamp(command.occurred_at + timedelta(days=3))
    answers = [given(*past).when(command, stamp=keyed_in_late) for past in PASTS]
    written = [event for answer in answers for event in answer.events]
    assert written
    for event in written:
        assert (event.occurred_at, event.stamp) == (command.occurred_at, keyed_in_late)


@each_command
def test_what_is_still_to_come_is_not_recorded(command: LedgerCommand) -> None:
    clock = command.occurred_at - CLOCK_TOLERANCE - timedelta(seconds=1)
    stamp = replace(cast.stamp(clock), recorded_at=clock)
    for past in PASTS:
        given(*past).when(command, stamp=stamp).then_refused(OccurredInTheFuture, tolerance_minutes="5")


def test_a_clock_a_little_ahead_is_tolerated() -> None:
    command = record_phone_call()
    stamp = replace(cast.stamp(command.occurred_at), recorded_at=command.occurred_at - CLOCK_TOLERANCE)
    given(*an_open_case()).when(command, stamp=stamp).then(replace(phone_call(), version=3, stamp=stamp))


def test_the_refusal_names_both_moments() -> None:
    command = close_case()
    clock = command.occurred_at - timedelta(hours=1)
    refusal = given(*an_open_case()).when(command, stamp=replace(cast.stamp(clock), recorded_at=clock)).refusal
    assert isinstance(refusal, Refusal)
    assert "2026-09-07T08:00:00+00:00" in refusal.message("en")
    assert "2026-09-07T07:00:00+00:00" in refusal.message("fr")
