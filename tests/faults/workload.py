"""The commands of a round, always the same for a seed: cases opened, told of, closed; citizens forgotten; refusals."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.domain.commands import LedgerCommand
from ledger.domain.identifiers import CaseId, CitizenRef, CommandId, InteractionId, StepId
from ledger.domain.vocabulary import Channel

FORGOTTEN_ONE_IN = 40
_BEGIN = datetime(2026, 9, 1, 8, tzinfo=UTC)
_STORIES = (
    ("contact", "contact", "step", "close", "contact"),
    ("step", "contact", "step", "decide", "close"),
    ("contact", "contact", "contact"),
    ("close", "step", "close"),
)


def founding() -> list[LedgerCommand]:
    """Return what must be there before any case."""
    return [commands.register_authority(), commands.publish_service()]


def stories(seed: str) -> Iterator[LedgerCommand]:
    """Tell the stories of citizens without end, some of whom are forgotten before their story is over."""
    draw = random.Random(seed)
    number = 0
    while True:
        number += 1
        yield from _story(draw, f"{seed}/{number}")


def _story(draw: random.Random, name: str) -> Iterator[LedgerCommand]:
    citizen, case = CitizenRef(_identifier(name, "citizen")), CaseId(_identifier(name, "case"))
    yield _of(
        replace(
            commands.open_case(),
            citizen=citizen,
            interaction_id=InteractionId(_identifier(name, "visit")),
            reference=name[-32:],
            title=f"Place à la cantine demandée par {name}",
        ),
        case,
        name,
        rank=0,
    )
    story = draw.choice(_STORIES)
    forgotten_at = draw.randrange(len(story)) if draw.randrange(FORGOTTEN_ONE_IN) == 0 else None
    for rank, what in enumerate(story, start=1):
        yield _of(_told(draw, what, f"{name}/{rank}"), case, name, rank=rank)
        if rank - 1 == forgotten_at:
            command_id = CommandId(_identifier(name, "forget"))
            yield replace(commands.forget_citizen(), command_id=command_id, citizen=citizen)


def _told(draw: random.Random, what: str, name: str) -> LedgerCommand:
    match what:
        case "contact":
            channel = draw.choice(list(Channel))
            contact = InteractionId(_identifier(name, "contact"))
            said = f"Appel n° {name}"
            return replace(commands.record_contact_on(channel), interaction_id=contact, summary=said)
        case "step":
            return replace(commands.record_step(), step_id=StepId(_identifier(name, "step")))
        case "decide":
            return commands.decide_case()
        case _:
            return commands.close_case()


def _of(command: LedgerCommand, case: CaseId, name: str, *, rank: int) -> LedgerCommand:
    return replace(
        command,
        command_id=CommandId(_identifier(name, f"command {rank}")),
        case_id=case,
        occurred_at=_BEGIN + timedelta(hours=rank),
    )


def _identifier(name: str, of: str) -> UUID:
    return cast.identifier(f"{of} of {name}")
