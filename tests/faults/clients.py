"""Clients of the writer: each sends its commands in order, repeats what was not answered, and keeps every answer."""

import http.client
import json
import random
import time
from contextlib import closing, suppress
from itertools import islice
from threading import Event, Thread
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import to_builtins

from ledger.domain.commands import LedgerCommand
from ledger.domain.identifiers import CommandId
from tests.faults.machine import Machine
from tests.faults.wal import WalMark, wal_mark
from tests.faults.workload import founding, stories

BATCH_SIZE_MAX = 6
PAUSE_S_MAX = 0.02
RETRY_PAUSE_S = 0.05
ANSWER_TIMEOUT_S = 3.0
GIVING_UP_AFTER_S = 60.0
REPEATED_ONE_IN = 12


class Acknowledged(NamedTuple):
    """What a client was told of one command, and how far the write-ahead log had come by then."""

    command_id: CommandId
    status: str
    position: int
    events: int
    wal: WalMark | None


class Client(Thread):
    """One client; `acknowledged` is all that it was promised."""

    def __init__(self, name: str, machine: Machine) -> None:
        super().__init__(name=name, daemon=True)
        self.acknowledged: list[Acknowledged] = []
        self.asked: set[UUID] = set()
        self.changed: list[str] = []
        self.repeats = 0
        self.failure: BaseException | None = None
        self._port = machine.port
        self._ledger_file = None if machine.settings.database_url else machine.settings.ledger_file
        self._ending = Event()
        self._draw = random.Random(name)
        self._answers: dict[UUID, tuple[str, int, int]] = {}
        self._last: list[LedgerCommand] = []

    def found(self) -> None:
        """Say what must be there before any case."""
        self._tell(founding())

    def run(self) -> None:
        told = stories(self.name)
        try:
            while not self._ending.is_set():
                batch = list(islice(told, self._draw.randint(1, BATCH_SIZE_MAX)))
                if self._last and self._draw.randrange(REPEATED_ONE_IN) == 0:
                    batch += self._last  # as one would who lost the answer
                self._tell(batch)
                self._last = batch[:1]
                time.sleep(self._draw.uniform(0, PAUSE_S_MAX))
        except BaseException as failure:  # noqa: BLE001  # told by whoever waits for this thread
            self.failure = failure

    def end(self) -> None:
        """Have the last batch answered, then stop."""
        self._ending.set()

    def _tell(self, batch: list[LedgerCommand]) -> None:
        self.asked |= {command.command_id for command in batch}
        body = json.dumps(to_builtins(batch)).encode()
        deadline = time.monotonic() + GIVING_UP_AFTER_S
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                if answered := self._ask(body):
                    mark = wal_mark(self._ledger_file) if self._ledger_file else None
                    self._keep(answered, mark)
                    return
            self.repeats += 1
            time.sleep(RETRY_PAUSE_S)
        raise TimeoutError(f"{self.name} was not answered for {GIVING_UP_AFTER_S:.0f} s")

    def _ask(self, body: bytes) -> list[dict[str, Any]] | None:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_TIMEOUT_S)) as connection:
            connection.request("POST", "/commands", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            told = answer.read()
        if answer.status >= http.client.INTERNAL_SERVER_ERROR:
            return None
        if answer.status != http.client.OK:
            raise AssertionError(f"{answer.status} {told.decode(errors='replace')}")
        results: list[dict[str, Any]] = json.loads(told)["results"]
        return results

    def _keep(self, results: list[dict[str, Any]], mark: WalMark | None) -> None:
        for told in results:
            command_id = CommandId(UUID(told["command_id"]))
            answer = (told["status"], told["position"], told["events"])
            if self._answers.setdefault(command_id, answer) != answer:
                self.changed.append(f"{command_id} was answered {self._answers[command_id]}, then {answer}")
            self.acknowledged.append(Acknowledged(command_id, *answer, mark))
