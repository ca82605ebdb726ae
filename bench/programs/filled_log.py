"""A ledger with so many events already in it, made once for all rows of a run that only read it."""

import os
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from bench.contacts import a_contact, a_publication, a_registration, an_opening, take
from ledger.application import CaseLedger
from ledger.domain.commands import LedgerCommand
from ledger.domain.identifiers import CaseId
from ledger.settings import Settings
from ledger.store.identities import new_id

FOLDER = "BENCH_FOLDER"
"""Where a run keeps what its rows share; a row that is run by itself makes its own."""
EVENTS = "BENCH_EVENTS"
"""How many events all views are made anew from, where a run asks for another number than the row's own."""
CONTACTS_A_CASE = 19
PAGE = 5_000


def filled_log(events: int) -> Path:
    """Return the data directory of a ledger of so many events."""
    shared = Path(os.environ.get(FOLDER) or tempfile.mkdtemp(prefix="bench-"))
    data = shared / f"ledger-{events}"
    if not data.exists():
        making = Path(tempfile.mkdtemp(prefix="making-", dir=shared))
        with CaseLedger(Settings(data=making)) as ledger:
            fill(ledger, events)
        making.rename(data)
    return data


def fill(ledger: CaseLedger, events: int) -> None:
    """Have a ledger take commands, each of one event, until it holds so many."""
    if ledger.head() == 0:
        take(ledger, [a_registration(), a_publication()])
    commands = _commands()
    while (left := events - ledger.head()) > 0:
        take(ledger, list(islice(commands, min(PAGE, left))))


def _commands() -> Iterator[LedgerCommand]:
    while True:
        case = CaseId(new_id())
        yield an_opening(case)
        for _ in range(CONTACTS_A_CASE):
            yield a_contact(case)
