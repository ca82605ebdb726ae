"""HTTP with 64 connections kept alive: a trivial answer, and ours, whose every command is durable before the answer."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

import msgspec

from bench import servers
from bench.clients import Figures
from bench.contacts import PAYLOAD, SUMMARY, a_contact, open_cases
from bench.failures import NotMeasured
from bench.http_load import load
from ledger.application import CaseLedger
from ledger.domain.identifiers import CaseId
from ledger.settings import Settings
from ledger.store.identities import new_id

CONNECTIONS, WAVES = 64, 5
_CONTACT = (
    '{"command_id":"%s","interaction_id":"%s","channel":"telephone","direction":"in",'
    '"occurred_at":"2026-11-22T10:11:12+00:00","summary":"' + SUMMARY + '"}'
)


def trivial(*, seconds: float, app: str) -> Figures:
    """Return requests a second of an application that only answers."""
    if importlib.util.find_spec(app) is None and app != "bare":
        raise NotMeasured(f"the package {app} is not installed")
    port = servers.free_port()
    with servers.running([sys.executable, "-m", "bench.programs.http_apps", app, str(port)], port):
        return load(port, lambda: ("/contacts", PAYLOAD), connections=CONNECTIONS, seconds=seconds)


def one_command(*, seconds: float) -> Figures:
    """Return requests a second of the ledger, one command in each."""
    with _serving() as (port, cases):
        turn = cycle(cases)

        def next_request() -> tuple[str, bytes]:
            return f"/cases/{next(turn)}/interactions", (_CONTACT % (new_id(), new_id())).encode()

        return load(port, next_request, connections=CONNECTIONS, seconds=seconds)


def batches(*, seconds: float, batch: int) -> Figures:
    """Return commands a second of the ledger, so many in each request."""
    with _serving() as (port, cases):
        turn = cycle(cases)

        def next_request() -> tuple[str, bytes]:
            return "/commands", msgspec.json.encode([a_contact(next(turn)) for _ in range(batch)])

        # Answers come in waves of 64 times the batch: many waves make a rate, two do not.
        figures = load(port, next_request, connections=CONNECTIONS, seconds=seconds * WAVES)
        return {**figures, "value": figures["value"] * batch}


@contextmanager
def _serving() -> Iterator[tuple[int, list[CaseId]]]:
    """Run `python -m ledger serve` on a ledger that has the cases already."""
    with servers.scratch() as folder:
        with CaseLedger(Settings(data=folder)) as ledger:
            cases = open_cases(ledger)
        port = servers.free_port()
        environment = {"COLLECTIVILAB_DATA": str(folder), "COLLECTIVILAB_PORT": str(port)}
        with servers.running([sys.executable, "-m", "ledger", "serve"], port, environment=environment):
            yield port, cases
