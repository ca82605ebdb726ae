"""A writer of its own process, for the tests of several at once and of those that are killed.

It is told what to do as JSON, keeps `window` commands on their way, and prints one line for each that was
answered: by then it is durable.
"""

import sys
from collections import deque
from concurrent.futures import Future
from pathlib import Path
from random import Random
from uuid import UUID

import msgspec
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.commands import RecordInteraction
from ledger.domain.identifiers import CaseId, CommandId, InteractionId
from ledger.settings import Settings
from ledger.store.verdict import Answer


class Task(msgspec.Struct):
    data: str
    database_url: str | None
    cases: list[UUID]
    seed: int
    commands: int
    window: int


def main(task: Task) -> None:
    chance = Random(task.seed)
    on_their_way: deque[tuple[UUID, Future[Answer]]] = deque()
    with CaseLedger(Settings(data=Path(task.data), database_url=task.database_url)) as ledger:
        for _ in range(task.commands):
            if len(on_their_way) == task.window:
                tell(*on_their_way.popleft())
            command = a_contact(chance, task.cases)
            on_their_way.append((command.command_id, ledger.submit(command, cast.stamp(command.occurred_at))))
        while on_their_way:
            tell(*on_their_way.popleft())


def a_contact(chance: Random, cases: list[UUID]) -> RecordInteraction:
    return replace(
        commands.record_phone_call(),
        command_id=CommandId(UUID(int=chance.getrandbits(128), version=4)),
        interaction_id=InteractionId(UUID(int=chance.getrandbits(128), version=4)),
        case_id=CaseId(chance.choice(cases)),
    )


def tell(command_id: UUID, reply: Future[Answer]) -> None:
    verdict = reply.result(60).verdict
    print(command_id, verdict.position, verdict.code or "accepted", flush=True)


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Task))
