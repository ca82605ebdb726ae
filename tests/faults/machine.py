"""The roles of one ledger, each a process of its own: writer, relay, projector, nats-server, and maybe PostgreSQL."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from labkit.broker import Broker, free_port, prepare_broker
from ledger.settings import Settings
from projections.engine.place import Place, place_of
from tests.faults.postgresql import PostgresqlServer
from tests.faults.processes import Process, wait_until_it_listens

ROOT = Path(__file__).parents[2]
EXIT_MISMATCH = 9
LOOK_EVERY_S = 0.02


class Machine:
    """Everything of one ledger; what ends by itself is started again while time passes."""

    def __init__(
        self, home: Path, postgresql: PostgresqlServer | None, database_url: str | None, *, broker: Broker | None = None
    ) -> None:
        self.home = home
        self.settings = Settings(data=home / "data", database_url=database_url)
        self.settings.data.mkdir(mode=0o700, parents=True)
        self.broker = broker or prepare_broker(self.settings.data)
        self.port = free_port()
        self.skew = home / "skew"
        self.postgresql = postgresql
        self.writer = self.role("writer", "tests.faults.skewed_writer", str(self.skew))
        self.relay = self.role("relay", "ledger", "relay")
        self.second_relay = self.role("second relay", "ledger", "relay")
        self.projector = self.role("projector", "projections", "run", "--data", str(self.settings.data))
        self.nats = Process("nats-server", self.broker.command, home / "nats-server.log")

    @classmethod
    def beside(cls, other: Self, home: Path, *, database_url: str | None) -> Self:
        """Return another ledger that publishes to the same stream, not started yet."""
        return cls(home, other.postgresql, database_url, broker=other.broker)

    @property
    def views(self) -> Place:
        return place_of(self.settings.data, self.settings.database_url)

    @property
    def roles(self) -> list[Process]:
        return [self.writer, self.relay, self.second_relay, self.projector, self.nats]

    @property
    def processes(self) -> list[Process]:
        return [*self.roles, *([self.postgresql.process] if self.postgresql else [])]

    def role(self, name: str, module: str, *arguments: str) -> Process:
        """Return one of our roles, not started yet."""
        return self.program(name, "-m", module, *arguments, reading=module == "projections")

    def labkit(self, *arguments: str) -> Process:
        """Return a verb of `labkit` on this ledger, not started yet."""
        run = ("-c", "from labkit.cli import main; main()", *arguments)
        return self.program(f"labkit {arguments[0]}", *run, "--data", str(self.settings.data), reading=False)

    def program(self, name: str, *arguments: str, reading: bool) -> Process:
        """Return a program of Python that knows where everything of this ledger is."""
        url = self.broker.reader_url if reading else self.broker.ledger_url
        ours = {"COLLECTIVILAB_DATA": str(self.settings.data), "COLLECTIVILAB_PORT": str(self.port)}
        store = {"DATABASE_URL": self.settings.database_url or ""}
        environment = {**ours, **store, "NATS_URL": url, "PYTHONPATH": str(ROOT)}
        return Process(name, [sys.executable, *arguments], self.home / f"{name}.log", environment=environment)

    def start(self) -> None:
        self.nats.start()
        wait_until_it_listens(urlsplit(self.broker.url).port or 0)
        for role in (self.writer, self.relay, self.projector):
            role.start()
        wait_until_it_listens(self.port)

    def pass_time(self, seconds: float) -> None:
        """Let everything run, and start again what has ended."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.mend()
            time.sleep(min(LOOK_EVERY_S, left))

    def mend(self) -> None:
        for process in self.processes:
            process.mend()

    def kill_all(self) -> None:
        """End everything at the same moment, PostgreSQL included."""
        living = [process for process in self.processes if process.lives]
        for process in living:
            process.signal(signal.SIGKILL)
        for process in living:
            process.kill()
        for process in living:
            process.start()

    def end_roles(self) -> None:
        """End what reads and writes this ledger; its servers go on."""
        for role in (self.writer, self.relay, self.second_relay, self.projector):
            role.end()

    def end(self) -> None:
        """End what belongs to this ledger alone."""
        for role in self.roles:
            role.end()

    def refusals(self) -> list[str]:
        """Return how often a relay refused to publish: never, on a machine of one ledger."""
        return [
            f"{role.name} refused the stream"
            for role in (self.relay, self.second_relay)
            if EXIT_MISMATCH in role.endings
        ]


@contextmanager
def running_machine(
    home: Path, postgresql: PostgresqlServer | None = None, database_url: str | None = None
) -> Iterator[Machine]:
    """Start a machine; whatever happens, nothing of it is left running."""
    machine = Machine(home, postgresql, database_url)
    try:
        machine.start()
        yield machine
    finally:
        machine.end()
