"""What a subscriber is told: cases of two authorities, of which it may read one, an erasure, then events unknown today.

The events are those of a real ledger, in memory; the strange ones are what later ledgers may publish.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.access.grants import subject_in
from ledger.application import CaseLedger
from ledger.domain.commands import DecideCase, LedgerCommand, OpenCase, RecordInteraction, RecordStep
from ledger.domain.identifiers import CaseId, CitizenRef, CommandId, InteractionId, StepId
from ledger.domain.record import Cause, LoggedEvent
from ledger.domain.vocabulary import Channel
from ledger.publishing.message import Message
from ledger.publishing.published import SEQUENCE_DIGITS, TYPE_PREFIX, compose, schema_address
from ledger.settings import SOURCE_DEFAULT, Settings

OURS, THEIRS = cast.PAU, cast.PAU_BEARN_PYRENEES
CASES = 10
FORGOTTEN = 2
_CHANNELS = (Channel.COUNTER, Channel.WEB, Channel.TELEPHONE)
_TOKEN = re.compile(rb"sealed:[\w=-]+")
_READ_MAX = 1_000


class Told(Struct, frozen=True):
    """A message, what it tells of, and whether the subscriber is let to read it."""

    message: Message
    type: str
    granted: bool
    strange: str = ""


class Story(Struct, frozen=True):
    """What is there at first, what comes later, what comes in the last trial only; and what nobody may keep."""

    first: tuple[Told, ...]
    later: tuple[Told, ...]
    strange: tuple[Told, ...]
    forgotten: tuple[str, ...]

    @property
    def plain(self) -> tuple[Told, ...]:
        """Return all but what comes in the last trial."""
        return (*self.first, *self.later)


@cache
def story() -> Story:
    """Return the story, always the same but for identifiers and sealed tokens."""
    half = CASES // 2
    erasure = replace(commands.forget_citizen(), citizen=_citizen(OURS, FORGOTTEN))
    parts: tuple[list[LedgerCommand], ...] = (
        [*_authorities(), *_cases(range(half))],
        [*_cases(range(half, CASES - 1)), erasure, *_cases(range(CASES - 1, CASES))],
        [*_cases(range(CASES, CASES + 1))],
    )
    with TemporaryDirectory() as folder, CaseLedger(Settings(data=Path(folder)), in_memory=True) as ledger:
        logged, ends = [], []
        for part in parts:
            for command in part:
                ledger.execute(command, cast.stamp(command.occurred_at), Cause())
            logged = ledger.read(0, _READ_MAX)
            ends.append(len(logged))
    plain = [_told(event) for event in logged[: ends[1]]]
    strange = [*_strangers(plain, after=ends[1])]
    shifted = [replace(event, position=event.position + len(strange)) for event in logged[ends[1] :]]
    return Story(
        tuple(plain[: ends[0]]),
        tuple(plain[ends[0] :]),
        (*strange, *map(_told, shifted)),
        _personal(plain, str(erasure.citizen)),
    )


def _authorities() -> Iterator[LedgerCommand]:
    for authority in (OURS, THEIRS):
        for command in (commands.register_authority(), commands.publish_service()):
            name = uuid5(command.command_id, authority)
            yield replace(command, command_id=CommandId(name), authority=authority)


def _cases(numbers: range) -> Iterator[LedgerCommand]:
    for number in numbers:
        # Ours come last, so that whoever reads all ends where whoever reads ours does.
        for authority in (THEIRS, OURS):
            yield from _case(authority, number)


def _case(authority: str, number: int) -> tuple[LedgerCommand, ...]:
    name = uuid5(cast.CASE, f"{authority} {number}")
    channel = _CHANNELS[number % len(_CHANNELS)]
    opened = replace(
        commands.open_case(),
        authority=authority,
        channel=channel,
        particulars=cast.particulars_of(channel),
        interaction_id=InteractionId(uuid5(name, "contact")),
        citizen=_citizen(authority, number),
    )
    asked: tuple[OpenCase | RecordStep | RecordInteraction | DecideCase, ...] = (
        opened,
        replace(commands.record_step(), step_id=StepId(uuid5(name, "step"))),
        replace(commands.record_phone_call(), interaction_id=InteractionId(uuid5(name, "call"))),
        commands.decide_case(),
    )
    return tuple(
        replace(command, case_id=CaseId(name), command_id=CommandId(uuid5(name, str(rank))))
        for rank, command in enumerate(asked)
    )


def _citizen(authority: str, number: int) -> CitizenRef:
    return CitizenRef(uuid5(cast.CITIZEN, f"{authority} {number}"))


def _told(logged: LoggedEvent) -> Told:
    subject = subject_in(logged)
    message = Message(logged.position, logged.event_id, subject, compose(logged, SOURCE_DEFAULT))
    # An erasure concerns every subscriber, whatever authority theirs is.
    return Told(message, logged.tag, logged.metadata.authority in (OURS, None))


def _personal(told: Sequence[Told], citizen: str) -> tuple[str, ...]:
    hers = [each.message.payload for each in told if citizen.encode() in each.message.payload]
    tokens = {token.decode() for payload in hers for token in _TOKEN.findall(payload)}
    return (citizen, *sorted(tokens))


def _strangers(told: Sequence[Told], *, after: int) -> Iterator[Told]:
    """Yield what this version of the kit does not know: each about a case of its own."""
    model = next(each.message for each in told if each.type == "case-opened.v1" and each.granted)
    made: tuple[tuple[str, str, dict[str, Any], dict[str, Any]], ...] = (
        ("type", "something-new.v1", {"mood": "cheerful"}, {}),
        ("version", "case-opened.v2", {"channel": {"code": "web", "label": "Web"}, "citizen": None}, {}),
        ("field", "case-opened.v1", {"urgency": {"level": 3}}, {"newattribute": "3"}),
        ("word", "case-opened.v1", {"channel": "hologram"}, {"channel": "hologram"}),
    )
    for rank, (strange, tag, fields, attributes) in enumerate(made, start=1):
        event: dict[str, Any] = msgspec.json.decode(model.payload)
        name, position = uuid5(model.event_id, strange), after + rank
        event |= {"id": str(name), "type": TYPE_PREFIX + tag, "sequence": str(position).zfill(SEQUENCE_DIGITS)}
        event |= {"subject": str(uuid5(name, "case")), "dataschema": schema_address(tag, SOURCE_DEFAULT), **attributes}
        event["data"] |= {"event": tag, "case_id": event["subject"], "version": 1, **fields}
        subject = model.subject.replace("case-opened", tag.partition(".")[0])
        yield Told(Message(position, UUID(str(name)), subject, msgspec.json.encode(event)), tag, True, strange)
