"""One round: a machine, clients, the blows of a plan, and what is found once it stands still."""

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ledger.application import ReadOnlyLog
from projections.reader import ViewReader
from tests.faults.blows import Striker
from tests.faults.clients import GIVING_UP_AFTER_S, Acknowledged, Client
from tests.faults.copies import restore_older, tear
from tests.faults.disks import LimitedFiles, SmallDisk, disk_for
from tests.faults.findings import Findings, examine
from tests.faults.machine import Machine, running_machine
from tests.faults.plan import Fault, Plan, Store
from tests.faults.postgresql import PostgresqlServer

CLIENTS = 3
STILL_TIMEOUT_S = 60.0
DISK_BYTES = {Store.SQLITE: 256_000_000, Store.POSTGRESQL: 512_000_000}


class Outcome(NamedTuple):
    """What came of a round."""

    plan: Plan
    answers: int
    repeats: int
    events: int
    tried_on_copies: list[str]
    findings: Findings

    @property
    def told(self) -> str:
        copies = "".join(f"\n    {told}" for told in self.tried_on_copies)
        counts = f"{self.answers} answers, {self.repeats} repeated requests, {self.events} events"
        return f"  {counts}: {self.findings.told}{copies}"


def play(plan: Plan, home: Path) -> Outcome:
    """Play one round in a folder of its own."""
    with disk_for(home, DISK_BYTES[plan.store]) as disk:
        if plan.store is Store.SQLITE:
            with running_machine(home) as machine:
                return _played(plan, machine, disk)
        (home / "postgresql").mkdir()
        server = PostgresqlServer(home / "postgresql")
        try:
            server.start()
            with server.schema() as url, running_machine(home, server, url) as machine:
                return _played(plan, machine, disk)
        finally:
            server.process.end()


def _played(plan: Plan, machine: Machine, disk: SmallDisk | LimitedFiles) -> Outcome:
    clients = [Client(f"{plan.seed}.{number}", machine) for number in range(CLIENTS)]
    clients[0].found()
    for client in clients:
        client.start()
    striker = Striker(machine, disk, plan.seed)
    for blow in plan.blows:
        machine.pass_time(blow.after_s)
        striker.strike(blow)
    _end_clients(machine, clients)
    told = [each for client in clients for each in client.acknowledged]
    copies, wrong = _try_on_copies(plan, machine, told)
    head = _stand_still(machine)
    findings = examine(machine, told, {command for client in clients for command in client.asked})
    wrong += [changed for client in clients for changed in client.changed]
    if Fault.OLDER_LEDGER in {blow.fault for blow in plan.blows}:
        machine.end_roles()  # the stream is not theirs any more
        tried, refused = restore_older(machine, random.Random(plan.seed).randint(1, head - 1))
        copies, wrong = [*copies, tried], [*wrong, *refused]
    findings = findings._replace(lost=[*findings.lost, *wrong])
    return Outcome(plan, len(told), sum(client.repeats for client in clients), head, copies, findings)


def _end_clients(machine: Machine, clients: Sequence[Client]) -> None:
    for client in clients:
        client.end()
    deadline = time.monotonic() + GIVING_UP_AFTER_S
    while any(client.is_alive() for client in clients) and time.monotonic() < deadline:
        machine.pass_time(0.05)
    for client in clients:
        if client.failure:
            raise client.failure


def _try_on_copies(plan: Plan, machine: Machine, told: Sequence[Acknowledged]) -> tuple[list[str], list[str]]:
    if Fault.TORN_LOG not in {blow.fault for blow in plan.blows}:
        return [], []
    machine.writer.kill()
    try:
        tried, wrong = tear(machine, told, random.Random(plan.seed))
    finally:
        machine.writer.start()
    return [tried], wrong


def _stand_still(machine: Machine) -> int:
    """Wait until stream and views have all that the ledger has; return its head."""
    log = ReadOnlyLog(machine.settings)
    reader = ViewReader(machine.views)
    try:
        head = log.head()
        _wait(machine, lambda: min(view.position for view in reader.views()) >= head)
        return head
    finally:
        reader.close()
        log.close()


def _wait(machine: Machine, happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + STILL_TIMEOUT_S
    while not happened():
        if time.monotonic() > deadline:
            said = "\n".join(f"{each.name}: {each.said()[-1_500:]}" for each in machine.processes if each.has_spoken)
            raise TimeoutError(f"the views never caught up\n{said}")
        machine.pass_time(0.05)
