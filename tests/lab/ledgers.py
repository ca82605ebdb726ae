"""Ledgers in memory, as an export reads them: told by events, decided from commands, or as long as one likes."""

from collections.abc import Iterable
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from labkit.controls import cast, events, histories
from labkit.controls.histories import sealed
from ledger.domain.case import State, evolve, placement
from ledger.domain.commands import LedgerCommand
from ledger.domain.decisions import authority_read_by, decide
from ledger.domain.events import CaseEvent, LedgerEvent, Stamp, tag_of
from ledger.domain.identifiers import CaseId, StepId, authority_stream
from ledger.domain.record import EventMetadata, LoggedEvent

_NAMES = UUID("33333333-3333-4333-8333-333333333333")


class ListLog:
    """A log that is a list."""

    def __init__(self, logged: list[LoggedEvent]) -> None:
        self.logged = logged

    def head(self) -> int:
        return len(self.logged)

    def read(self, after: int, limit: int) -> list[LoggedEvent]:
        return self.logged[after : after + limit]


class LongLog:
    """A log of cases with a hundred steps each, made as it is read: nothing of it is kept."""

    def __init__(self, size: int) -> None:
        self._size = size

    def head(self) -> int:
        return self._size

    def read(self, after: int, limit: int) -> list[LoggedEvent]:
        return [self._event(position) for position in range(after + 1, min(after + limit, self._size) + 1)]

    def _event(self, position: int) -> LoggedEvent:
        case, step = divmod(position - 1, 100)
        case_id = CaseId(uuid5(_NAMES, f"case {case}"))
        event: LedgerEvent = replace(events.case_opened(), case_id=case_id, reference=f"case-{case}")
        if step:
            step_id = StepId(uuid5(_NAMES, f"step {position}"))
            event = replace(events.step_recorded(), case_id=case_id, version=step + 1, step_id=step_id)
        return _logged(position, event, evolve(None, replace(events.case_opened(), case_id=case_id)))


def a_log(history: Iterable[LedgerEvent]) -> ListLog:
    """Return the log of events, as it is stored."""
    states: dict[UUID, State] = {}
    logged = []
    for position, event in enumerate(history, start=1):
        before = states.get(event.stream_id)
        logged.append(_logged(position, event, before))
        states[event.stream_id] = evolve(before, event)
    return ListLog(logged)


def a_whole_log() -> ListLog:
    """Return a log where everything happened once, to one citizen, who was then forgotten."""
    founding = histories.an_authority_with_a_service()
    return a_log((*founding, *histories.a_whole_story(), events.citizen_forgotten()))


def a_decided_log(commands: Iterable[LedgerCommand]) -> ListLog:
    """Return the log that commands leave, each recorded a while after it happened."""
    states: dict[UUID, State] = {}
    history: list[LedgerEvent] = []
    for command in commands:
        read = authority_read_by(command)
        authority = states.get(authority_stream(read)) if read else None
        stamp = Stamp(by="import-xes", recorded_at=max(command.occurred_at, cast.at(1, "08:00")))
        for event in decide(command, states.get(command.stream_id), stamp, authority):
            states[command.stream_id] = evolve(states.get(command.stream_id), event)
            history.append(event)
    return a_log(history)


def _logged(position: int, event: LedgerEvent, before: State) -> LoggedEvent:
    filed = placement(before, event)
    return LoggedEvent(
        position=position,
        event_id=uuid5(_NAMES, f"event {position}"),
        tag=tag_of(event),
        metadata=EventMetadata(
            authority=filed.authority,
            service=filed.service,
            channel=filed.channel,
            subject=event.case_id if isinstance(event, CaseEvent) else None,
            occurred_at=event.occurred_at,
            recorded_at=event.stamp.recorded_at,
            command_id=cast.command_id(str(position)),
        ),
        data=msgspec.json.encode(sealed(event)),
    )
