"""The ledger through its Python interface: idempotency, metadata and sealing are on, as always."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from uuid import uuid4

import uvloop

from bench import servers
from bench.clients import Clock, Figures, in_coroutines
from bench.contacts import CASES, a_contact, a_stamp, open_cases
from ledger.application import CaseLedger
from ledger.settings import Settings
from ledger.store.identities import new_id
from ledger.store.verdict import Answer

BULK = 1_000
BULK_PER_SECOND = 60_000
"""Commands made beforehand for each second of an import: more than are taken."""


def commands(*, seconds: float, clients: int, store: str = "sqlite", identifiers: str = "ordered") -> Figures:
    """Return commands a second, the clients being coroutines that wait for each answer."""
    new = new_id if identifiers == "ordered" else uuid4
    with _ledger(store) as ledger:
        cases = open_cases(ledger)

        async def work(client: int, rank: int) -> None:
            mine = cases[client::clients]
            answer = await ledger.submit_async(a_contact(mine[rank % len(mine)], new), a_stamp())
            _check(answer)

        async def run() -> Figures:
            return await in_coroutines(work, clients, seconds=seconds)

        return uvloop.run(run())


def bulk(*, seconds: float, store: str = "sqlite") -> Figures:
    """Return events a second when commands are handed in by the thousand: an import."""
    with _ledger(store) as ledger:
        cases = open_cases(ledger)
        commands = [a_contact(cases[rank % CASES]) for rank in range(int(BULK_PER_SECOND * seconds))]
        ready = [(command, a_stamp()) for command in commands]
        clock = Clock(seconds)
        for first in range(0, len(ready), BULK):
            started = time.perf_counter()
            for answer in ledger.execute_together(ready[first : first + BULK]):
                _check(answer)
            clock.count(started)
            if not clock.goes_on():
                return {"value": clock.figures(each=BULK)["value"]}
        raise RuntimeError("the import was over before its time: make more commands beforehand")


@contextmanager
def _ledger(store: str) -> Iterator[CaseLedger]:
    server = servers.postgresql() if store == "postgresql" else nullcontext()
    with (
        servers.scratch() as folder,
        server as url,
        CaseLedger(Settings(data=Path(folder), database_url=url)) as ledger,
    ):
        yield ledger


def _check(answer: Answer) -> None:
    if answer.verdict.refusal:
        raise RuntimeError(answer.verdict.refusal.code)
