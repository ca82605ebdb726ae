"""What a trace means: a case that is opened, its steps, and its end, as the commands that tell it again.

Every identifier is derived from the authority, the log's name, the trace's name and the event's rank in
it: importing twice changes nothing. Events are told in the order of their times, whatever the file's.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid5

from labkit.failures import BrokenXes
from labkit.imports.mapping import Mapping
from labkit.imports.xes import Attributes, Trace, XesEvent, read_traces
from ledger.domain.commands import (
    CloseCase,
    LedgerCommand,
    OpenCase,
    PublishService,
    RecordStep,
    RegisterAuthority,
)
from ledger.domain.identifiers import CaseId, CommandId, InteractionId, StepId
from ledger.domain.vocabulary import Channel, ClosingReason

_IMPORTS = UUID("5b1f4b0e-6a3b-4d0c-9a52-3f6f3a1c7e10")
_OWN_WORDS = {channel.value: channel for channel in Channel}
_UNSAFE = re.compile(r"[^A-Za-z0-9._:-]+")
AGENT_CHARACTERS_MAX = 64
UNIT_CHARACTERS_MAX = 100
REFERENCE_CHARACTERS_MAX = 100
ACTIVITY_CHARACTERS_MAX = 200
_NAME_CHARACTERS_MAX = 4000


def read_log(path: Path, mapping: Mapping) -> Iterator[list[LedgerCommand]]:
    """Yield the commands of a log, first those of the authority and its service, then case by case."""
    yield from tell_traces(read_traces(path), mapping)


def tell_traces(traces: Iterable[Trace], mapping: Mapping) -> Iterator[list[LedgerCommand]]:
    """Yield the commands of traces, first those of the authority and its service, then case by case."""
    for rank, trace in enumerate(traces):
        commands = commands_of(trace, mapping)
        if rank == 0:
            yield founding_commands(mapping, commands[0].occurred_at)
        yield commands


def founding_commands(mapping: Mapping, occurred_at: datetime) -> list[LedgerCommand]:
    """Return what must be in the ledger before the first case: the authority and its service."""
    authority, service = mapping.authority, mapping.service
    return [
        RegisterAuthority(
            command_id=_command_id(_IMPORTS, f"register/{authority.siren}/{authority.name}/{occurred_at}"),
            occurred_at=occurred_at,
            authority=authority.siren,
            name=authority.name,
            kind=authority.kind,
        ),
        PublishService(
            command_id=_command_id(_IMPORTS, f"publish/{authority.siren}/{service.code}/{service.name}/{occurred_at}"),
            occurred_at=occurred_at,
            authority=authority.siren,
            service=service.code,
            name=service.name,
            answer_days=service.answer_days,
        ),
    ]


def commands_of(trace: Trace, mapping: Mapping) -> list[LedgerCommand]:
    """Return the commands that tell a trace: it is opened, its steps are recorded, and it may be closed."""
    log_id = uuid5(_IMPORTS, f"{mapping.authority.siren}/{mapping.service.code}/{trace.log}")
    case_id = CaseId(uuid5(log_id, f"{trace.rank}/{trace.name}"))
    closed_at = _moment(trace.attributes, mapping.trace.closed_at, trace.line)
    dated = _dated_events(trace, mapping)
    steps = [
        _record_step(event, mapping, case_id=case_id, rank=rank, occurred_at=occurred_at)
        for occurred_at, rank, event in dated
    ]
    opened_at = dated[0][0] if dated else _moment(trace.attributes, mapping.trace.opened_at, trace.line)
    if opened_at is None:
        raise BrokenXes("nothing-dated", line=trace.line, trace=trace.name)
    opening = OpenCase(
        command_id=_command_id(case_id, "open"),
        occurred_at=opened_at,
        case_id=case_id,
        authority=mapping.authority.siren,
        service=mapping.service.code,
        channel=_channel(trace, mapping),
        interaction_id=InteractionId(uuid5(case_id, "opening interaction")),
        unit=_text(trace.attributes, mapping.trace.unit, UNIT_CHARACTERS_MAX),
        deadline=_moment(trace.attributes, mapping.trace.deadline, trace.line),
        reference=_text(trace.attributes, mapping.trace.reference, REFERENCE_CHARACTERS_MAX)
        or _shortened(trace.name, REFERENCE_CHARACTERS_MAX),
    )
    if closed_at is None:
        return [opening, *steps]
    closing = CloseCase(
        command_id=_command_id(case_id, "close"),
        occurred_at=closed_at,
        case_id=case_id,
        reason=ClosingReason.COMPLETED,
    )
    return [opening, *steps, closing]


@lru_cache(maxsize=4096)
def agent_ref(name: str) -> str:
    """Return an agent's name as a staff code; one that had to change ends with its digest, to stay unique."""
    safe = _UNSAFE.sub("-", name).lstrip("._:-")
    if safe == name and len(name) <= AGENT_CHARACTERS_MAX:
        return name
    digest = sha256(name.encode()).hexdigest()[:6]
    return f"{safe[: AGENT_CHARACTERS_MAX - 12].rstrip('._:-') or 'agent'}:{digest}"


def _dated_events(trace: Trace, mapping: Mapping) -> list[tuple[datetime, int, XesEvent]]:
    """Put events in the order of their times; one without a time took place with the one before it."""
    key = mapping.event.occurred_at
    times = [_moment(event.attributes, key, event.line) for event in trace.events]
    latest = next((time for time in times if time is not None), None)
    if latest is None:
        if times:
            raise BrokenXes("no-event-dated", line=trace.line, trace=trace.name, attribute=key)
        return []
    dated: list[tuple[datetime, int, XesEvent]] = []
    for rank, (time, event) in enumerate(zip(times, trace.events, strict=True)):
        latest = time or latest
        dated.append((latest, rank, event))
    dated.sort(key=lambda entry: entry[:2])
    return dated


def _record_step(event: XesEvent, mapping: Mapping, *, case_id: CaseId, rank: int, occurred_at: datetime) -> RecordStep:
    activity = _text(event.attributes, mapping.event.activity, ACTIVITY_CHARACTERS_MAX)
    if activity is None:
        raise BrokenXes("event-without-activity", line=event.line, attribute=mapping.event.activity)
    agent = _text(event.attributes, mapping.event.agent, _NAME_CHARACTERS_MAX)
    identifier = uuid5(case_id, f"step/{rank}")
    return RecordStep(
        command_id=CommandId(identifier),
        occurred_at=occurred_at,
        case_id=case_id,
        step_id=StepId(identifier),
        activity=activity,
        agent=agent_ref(agent) if agent else None,
        unit=_text(event.attributes, mapping.event.unit, UNIT_CHARACTERS_MAX),
    )


def _channel(trace: Trace, mapping: Mapping) -> Channel:
    said = trace.attributes.get(mapping.trace.channel)
    if said is None:
        return Channel.INTERNAL
    word = str(said)
    channel = mapping.channels.get(word) or _OWN_WORDS.get(word.strip().lower())
    if channel is None:
        raise BrokenXes("unknown-channel", line=trace.line, trace=trace.name[:80], value=word[:80])
    return channel


def _moment(attributes: Attributes, key: str, line: int) -> datetime | None:
    value = attributes.get(key)
    if value is None or isinstance(value, datetime):
        return value
    raise BrokenXes("not-a-date", line=line, key=key, value=str(value)[:80])


def _text(attributes: Attributes, key: str, characters_max: int) -> str | None:
    return _shortened(str(attributes.get(key, "")).strip(), characters_max) or None


def _shortened(text: str, characters_max: int) -> str:
    return text if len(text) <= characters_max else text[: characters_max - 1] + "…"


def _command_id(namespace: UUID, name: str) -> CommandId:
    return CommandId(uuid5(namespace, name))
