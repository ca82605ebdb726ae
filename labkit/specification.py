"""Rules told as stories: `given(*past).when(command).then(*events)`; nothing is stored, nothing is sent.

The past may mix streams: the case itself, the authority that the rule looks at, the citizen to forget.
"""

from collections.abc import Iterable
from difflib import unified_diff
from typing import get_args
from uuid import UUID

import msgspec
from msgspec import Struct

from labkit.controls import cast
from ledger.domain.case import Authority, State, replay
from ledger.domain.citizen import Citizen, data_subject, personal_fields
from ledger.domain.commands import ForgetCitizen, LedgerCommand
from ledger.domain.decisions import authority_read_by, decide
from ledger.domain.errors import Refusal
from ledger.domain.events import CaseEvent, LedgerEvent, Stamp
from ledger.domain.identifiers import authority_stream
from ledger.domain.vocabulary import Language


class Answer(Struct, frozen=True):
    """What the rules answered: events, or a refusal."""

    events: tuple[LedgerEvent, ...] = ()
    refusal: Refusal | None = None

    def then(self, *expected: LedgerEvent) -> None:
        """Demand exactly these events, in this order."""
        if self.refusal is not None or self.events != expected:
            raise AssertionError(_difference(_shown(expected), self._shown()))

    def then_nothing(self) -> None:
        """Demand that nothing changes."""
        self.then()

    def then_refused(self, kind: type[Refusal], **details: str) -> None:
        """Demand this refusal, with at least these details, and that it can be told in every language."""
        expected = {"refusal": kind.__name__, **details}
        if type(self.refusal) is not kind or not details.items() <= self.refusal.details.items():
            raise AssertionError(_difference(_lines(expected), self._shown()))
        for language in get_args(Language):
            self.refusal.message(language)

    def _shown(self) -> list[str]:
        if self.refusal is None:
            return _shown(self.events)
        return _lines({"refusal": type(self.refusal).__name__, **self.refusal.details})


class Past(Struct, frozen=True):
    """What happened before."""

    events: tuple[LedgerEvent, ...]

    def when(self, command: LedgerCommand, *, stamp: Stamp | None = None) -> Answer:
        """Ask for something; without a stamp, an agent keyed it in just after it happened."""
        read = authority_read_by(command)
        authority = replay(_of_stream(self.events, authority_stream(read))) if read else None
        try:
            events = decide(
                command,
                state_before(self.events, command),
                stamp or cast.stamp(command.occurred_at),
                authority if isinstance(authority, Authority) else None,
            )
        except Refusal as refusal:
            return Answer(refusal=refusal)
        return Answer(events)


def given(*events: LedgerEvent) -> Past:
    """Begin a story with what happened before, oldest first within each stream."""
    return Past(events)


def state_before(events: tuple[LedgerEvent, ...], command: LedgerCommand) -> State:
    """Return what the rules know when a command comes in."""
    state = replay(_of_stream(events, command.stream_id))
    if state is None and isinstance(command, ForgetCitizen):
        return Citizen(ref=command.citizen, known=command.citizen in _data_subjects(events))
    return state


def _of_stream(events: tuple[LedgerEvent, ...], stream_id: UUID) -> Iterable[LedgerEvent]:
    return (event for event in events if event.stream_id == stream_id)


def _data_subjects(events: tuple[LedgerEvent, ...]) -> set[UUID]:
    return {
        data_subject(getattr(event, "citizen", None), event.case_id)
        for event in events
        if isinstance(event, CaseEvent) and any(getattr(event, name) for name in personal_fields(type(event)))
    }


def _shown(events: tuple[LedgerEvent, ...]) -> list[str]:
    return [line for event in events for line in _lines({"kind": type(event).__name__, "event": event})]


def _lines(thing: object) -> list[str]:
    return msgspec.json.format(msgspec.json.encode(thing), indent=2).decode().splitlines()


def _difference(expected: list[str], answered: list[str]) -> str:
    lines = unified_diff(expected or ["nothing"], answered or ["nothing"], "expected", "answered", lineterm="")
    return "\n".join(("the rules answered otherwise:", *lines))
