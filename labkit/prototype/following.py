"""An event with what its service's rules say follows from it, as the commands that tell the ledger of all of it.

Pure: it looks ahead on the case as it will stand, so that all of it can be written together or not at all.
"""

from collections import deque
from collections.abc import Iterator
from uuid import uuid5

from msgspec import Struct

from labkit.prototype.events import ServiceEvent, name_of, split
from labkit.prototype.service import Service
from labkit.prototype.story import Moment, ServiceCase
from ledger.domain.commands import RecordServiceEvent
from ledger.domain.events import ServiceEventRecorded, Stamp
from ledger.domain.identifiers import AgentRef, CommandId
from ledger.domain.identifiers import Moment as Instant
from ledger.domain.vocabulary import Channel

RULES: AgentRef = "rules"
FOLLOWING_MAX = 20


class Happening(Struct, frozen=True, kw_only=True):
    """Something about to be recorded: what, by whom, under which command, where and when."""

    event: ServiceEvent
    command_id: CommandId
    by: AgentRef
    channel: Channel
    occurred_at: Instant
    recorded_at: Instant


def consequences(service: Service, case: ServiceCase, first: Happening) -> Iterator[tuple[RecordServiceEvent, Stamp]]:
    """Yield the commands that record an event and what follows from it, at most `FOLLOWING_MAX` of them."""
    waiting = deque([first])
    for _ in range(FOLLOWING_MAX):
        if not waiting:
            return
        happening = waiting.popleft()
        command, stamp = _recording(case, happening), Stamp(by=happening.by, recorded_at=happening.recorded_at)
        yield command, stamp
        case = _after(case, happening.event, command, stamp)
        waiting += [
            _following(happening, event, rank) for rank, event in enumerate(service.follow(case, happening.event))
        ]


def _recording(case: ServiceCase, happening: Happening) -> RecordServiceEvent:
    facts, content = split(happening.event)
    return RecordServiceEvent(
        command_id=happening.command_id,
        occurred_at=happening.occurred_at,
        case_id=case.id,
        name=name_of(happening.event),
        channel=happening.channel,
        facts=facts,
        content=content,
    )


def _after(case: ServiceCase, event: ServiceEvent, command: RecordServiceEvent, stamp: Stamp) -> ServiceCase:
    recorded = ServiceEventRecorded(
        version=case.version + 1,
        stamp=stamp,
        occurred_at=command.occurred_at,
        case_id=case.id,
        name=command.name,
        channel=command.channel,
        citizen=case.citizen,
        facts=command.facts,
        content=command.content,
    )
    return case.after(Moment(event=recorded, service_event=event))


def _following(cause: Happening, event: ServiceEvent, rank: int) -> Happening:
    return Happening(
        event=event,
        command_id=CommandId(uuid5(cause.command_id, f"{rank} {name_of(event)}")),
        by=RULES,
        channel=cause.channel,
        occurred_at=cause.occurred_at,
        recorded_at=cause.recorded_at,
    )
