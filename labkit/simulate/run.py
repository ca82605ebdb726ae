"""Lets the residents of a territory live on a running instance, until told to stop."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Event

from labkit.client import Client
from labkit.failures import LabkitFailure
from labkit.simulate.residents import Life
from labkit.simulate.territory import PAU_BEARN_PYRENEES, load_territory
from ledger.domain.commands import CaseCommand, LedgerCommand

ATTEMPTS_MAX = 8
COMMANDS_IN_A_REQUEST = 250
AGENT = "residents"
_logger = logging.getLogger(__name__)


def simulate(
    url: str,
    seed: int | str,
    stop: Event,
    *,
    territory: str = PAU_BEARN_PYRENEES,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Live until told to stop, or until the instance answers no more; an empty ledger first gets a past."""
    client = Client(url, agent=AGENT, attempts_max=ATTEMPTS_MAX, sleep=stop.wait)
    try:
        head = client.status().ledger.position
        # The same seed on a ledger that has grown must not draw the same identifiers again.
        life = Life(f"{seed}/{head}", load_territory(territory), clock)
        _send(client, life, life.foundation(), stop)
        if head == 0:
            _send(client, life, life.past(), stop)
        while not stop.wait(life.pause_s()):
            _send(client, life, [life.act()], stop)
    except LabkitFailure as failure:
        if not stop.is_set():
            _logger.warning("The residents have gone quiet: %s", failure)
    finally:
        client.close()


def _send(client: Client, life: Life, commands: Sequence[LedgerCommand], stop: Event) -> None:
    for first in range(0, len(commands), COMMANDS_IN_A_REQUEST):
        if stop.is_set():
            return
        sent = commands[first : first + COMMANDS_IN_A_REQUEST]
        for command, result in zip(sent, client.send(sent).results, strict=True):
            if result.status == "refused" and isinstance(command, CaseCommand):
                _logger.info("The residents let case %s go: %s", command.case_id, result.problem)
                life.abandon(command.case_id)
