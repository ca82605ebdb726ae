"""Sends a log to a running instance, whole cases at a time, and counts what became of it.

What was sent before a log breaks stays sent: identifiers are derived, so importing again doubles nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from time import monotonic, sleep

from msgspec import Struct

from labkit.answers import CommandResult, Problem
from labkit.client import COMMANDS_MAX, Client
from labkit.failures import LabkitFailure
from ledger.domain.commands import LedgerCommand, OpenCase

COMMANDS_IN_A_REQUEST = 500
REFUSALS_SHOWN_MAX = 10
VIEWS_TIMEOUT_S = 120.0
LOOK_AGAIN_S = 0.1


class ImportSummary(Struct, kw_only=True):
    """What an import did: `cases` counts those now in the ledger; `refusals` shows the first ones."""

    cases: int = 0
    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    position: int = 0
    seconds: float = 0.0
    refusals: list[Problem] = []


def send_log(
    told: Iterable[list[LedgerCommand]],
    client: Client,
    summary: ImportSummary,
    on_progress: Callable[[ImportSummary], None] = lambda _: None,
) -> None:
    """Send all that a log tells, keeping `summary` true after every request."""
    began_s = monotonic()
    for commands in requests_of(told):
        answer = client.send(commands)
        for command, result in zip(commands, answer.results, strict=True):
            _count(summary, command, result)
        summary.position = answer.position
        summary.seconds = round(monotonic() - began_s, 3)
        on_progress(summary)


def wait_for_views(client: Client, position: int, *, sleep: Callable[[float], object] = sleep) -> bool:
    """Wait until every view shows what was sent; tell whether they all did within the patience of a person."""
    deadline = monotonic() + VIEWS_TIMEOUT_S
    while any(view.position < position for view in client.status().views):
        if monotonic() > deadline:
            return False
        sleep(LOOK_AGAIN_S)
    return True


def requests_of(told: Iterable[list[LedgerCommand]]) -> Iterator[list[LedgerCommand]]:
    """Group cases into requests, never splitting one that fits; a broken log first yields what it told."""
    pending: list[LedgerCommand] = []
    try:
        for commands in told:
            if pending and len(pending) + len(commands) > COMMANDS_IN_A_REQUEST:
                yield pending
                pending = []
            pending += commands
            while len(pending) > COMMANDS_MAX:
                yield pending[:COMMANDS_MAX]
                pending = pending[COMMANDS_MAX:]
    except LabkitFailure:
        if pending:
            yield pending
        raise
    if pending:
        yield pending


def _count(summary: ImportSummary, command: LedgerCommand, result: CommandResult) -> None:
    if result.status == "refused":
        summary.refused += 1
        if result.problem is not None and len(summary.refusals) < REFUSALS_SHOWN_MAX:
            summary.refusals.append(result.problem)
        return
    summary.cases += isinstance(command, OpenCase)
    if result.status == "unchanged" or result.repeated:
        summary.unchanged += 1
    else:
        summary.accepted += 1
