"""A writer of its own process, told what to do as JSON: with the ledger, or with the library's database functions.

It keeps some writes on their way, and ends once the last is durable.
"""

import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.commands import OpenCase, RecordInteraction
from ledger.domain.identifiers import CaseId, CitizenRef, CommandId, InteractionId
from ledger.settings import Settings
from tests.scale.library import open_recorder

PATIENCE_S = 60


class Task(msgspec.Struct, kw_only=True):
    scheme: str
    database_url: str
    keys_database_url: str | None
    data: Path
    about: list[UUID]
    seed: int
    events: int
    on_their_way: int


def record_contacts(task: Task) -> None:
    """Record contacts on some cases."""
    contact = commands.record_phone_call()
    write_to_the_ledger(task, lambda chance: replace(contact, case_id=CaseId(chance.choice(task.about))))


def open_cases(task: Task) -> None:
    """Open cases of some citizens, each in turn."""
    opening, citizens = commands.open_case(), cycle(task.about)
    write_to_the_ledger(
        task,
        lambda chance: replace(opening, case_id=CaseId(some_uuid(chance)), citizen=CitizenRef(next(citizens))),
    )


def write_to_the_ledger(task: Task, asked: Callable[[Random], RecordInteraction | OpenCase]) -> None:
    settings = Settings(data=task.data, database_url=task.database_url, keys_database_url=task.keys_database_url)
    with CaseLedger(settings) as ledger:

        def submit(chance: Random) -> Future[Any]:
            command = replace(
                asked(chance),
                command_id=CommandId(some_uuid(chance)),
                interaction_id=InteractionId(some_uuid(chance)),
            )
            return ledger.submit(command, cast.stamp(command.occurred_at))

        keep_going(task, submit)


def write_with_the_library(task: Task) -> None:
    """Insert events, each its own transaction."""
    with open_recorder(task.database_url) as recorder, ThreadPoolExecutor(task.on_their_way) as clients:

        def submit(chance: Random) -> Future[Any]:
            return clients.submit(recorder.insert_events, [StoredEvent(some_uuid(chance), 1, "contact", b"{}")])

        keep_going(task, submit)


def keep_going(task: Task, submit: Callable[[Random], Future[Any]]) -> None:
    chance = Random(task.seed)
    replies: deque[Future[Any]] = deque()
    for _ in range(task.events):
        if len(replies) == task.on_their_way:
            replies.popleft().result(PATIENCE_S)
        replies.append(submit(chance))
    while replies:
        replies.popleft().result(PATIENCE_S)


def some_uuid(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


SCHEMES = {"contacts": record_contacts, "openings": open_cases, "library": write_with_the_library}


if __name__ == "__main__":
    given = msgspec.json.decode(sys.argv[1], type=Task, dec_hook=lambda kind, value: kind(value))
    SCHEMES[given.scheme](given)
