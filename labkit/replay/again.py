"""A recording played into a ledger: the same events in the same order, of new cases, of citizens of their own.

What the ledger refuses is told and left out; nothing of a recording is believed beyond what its events say.
"""

import time
from collections.abc import Callable, Iterator
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace

from labkit.prototype.cases import Cases
from labkit.prototype.forking import Beginning, commands_of
from labkit.prototype.story import Moment, ServiceCase
from labkit.replay.recorded import EventTold, Recording
from ledger.domain.commands import LedgerCommand, OpenCase
from ledger.domain.errors import Refusal
from ledger.domain.events import CaseEvent
from ledger.domain.identifiers import CaseId, CitizenRef
from ledger.store.identities import new_id

PAUSE_MAX_S = 60.0
Wait = Callable[[float], None]


class Refused(Struct, frozen=True, kw_only=True):
    """An event that the ledger did not want again."""

    reference: str
    version: int
    refusal: Refusal


class Played(Struct, frozen=True, kw_only=True):
    """What came of a recording: how many of its events happened again, and on which cases."""

    events: int
    references: tuple[str, ...]
    refused: tuple[Refused, ...]


def play(recording: Recording, cases: Cases, *, speed: float = 0.0, wait: Wait = time.sleep) -> Played:
    """Play the events of a recording; at once with the dates that they had, or now, so many times as fast."""
    told = recording.events()
    beginnings = _beginnings(told, cases)
    commands = {at: command for case in _cases(told) for at, command in _commands(case, beginnings[case.id], cases)}
    refused: list[Refused] = []
    before = told[0].offset if told else 0.0
    for event in told:
        command = commands.get((event.case, event.version))
        if command is None:  # It came with the one before it.
            continue
        if speed:
            wait(min(PAUSE_MAX_S, max(0.0, event.offset - before) / speed))
            command, before = replace(command, occurred_at=cases.clock()), event.offset
        try:
            cases.execute(command, event.event.stamp.by)
        except Refusal as refusal:
            refused.append(Refused(reference=event.reference, version=event.version, refusal=refusal))
    references = tuple(begun.reference for begun in beginnings.values())
    return Played(events=len(told) - len(refused), references=references, refused=tuple(refused))


def _beginnings(told: tuple[EventTold, ...], cases: Cases) -> dict[CaseId, Beginning]:
    """Return the new case for each recorded one; who had two cases has two again."""
    citizens: dict[object, CitizenRef] = {}
    beginnings: dict[CaseId, Beginning] = {}
    for event in told:
        if event.case not in beginnings:
            known = getattr(event.event, "citizen", None) or event.case
            citizen = citizens.setdefault(known, CitizenRef(uuid4()))
            begun = Beginning(case_id=CaseId(new_id()), citizen=citizen, reference=cases.new_reference())
            beginnings[event.case] = begun
    return beginnings


def _cases(told: tuple[EventTold, ...]) -> Iterator[ServiceCase]:
    moments: dict[CaseId, list[Moment]] = {}
    for event in told:
        if isinstance(event.event, CaseEvent):
            moments.setdefault(event.case, []).append(Moment(event=event.event))
    return (ServiceCase(id=case_id, moments=tuple(happened)) for case_id, happened in moments.items())


def _commands(case: ServiceCase, begun: Beginning, cases: Cases) -> Iterator[tuple[tuple[CaseId, int], LedgerCommand]]:
    for moment, command in commands_of(case, case.version, begun):
        ours = replace(command, authority=cases.offer.authority) if isinstance(command, OpenCase) else command
        yield (case.id, moment.version), ours
