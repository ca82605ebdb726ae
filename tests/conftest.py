"""What several rooms of tests share: coroutines as tests, a log in memory, a real NATS server."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from inspect import iscoroutinefunction
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid5

import msgspec
import nats
import pytest
from msgspec.structs import replace
from nats.aio.msg import Msg

from labkit.broker import prepare_broker
from labkit.controls import cast, events
from labkit.controls.histories import sealed
from ledger.domain.events import CaseEvent, tag_of
from ledger.domain.identifiers import CaseId, InteractionId
from ledger.domain.record import EventMetadata, LoggedEvent
from ledger.domain.vocabulary import Channel
from ledger.publishing.jetstream import LedgerStream, connect
from ledger.publishing.message import Message
from ledger.publishing.published import compose

READY_TIMEOUT_S = 10.0
SOURCE = "https://pau.example/ledger"
_NAMES = UUID("22222222-2222-4222-8222-222222222222")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine in an event loop of its own."""
    if not iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(pyfuncitem.obj(**arguments))
    return True


@pytest.fixture(autouse=True, scope="session")
def _only_what_a_project_asks_for() -> None:
    """Let projects that tests make run their own tests without the plugins that only ours need."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"


@pytest.fixture(scope="session")
def type_cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the type checker learnt of the kit, for the next project."""
    return str(tmp_path_factory.mktemp("types"))


class MemoryLog:
    """A ledger as the relay reads it: cases that are opened and then written to, in turn."""

    def __init__(self, name: str = "ours", cases: int = 10) -> None:
        self.events: list[LoggedEvent] = []
        self.reads = 0
        self._name = name
        self._cases = cases

    def record(self, count: int) -> list[LoggedEvent]:
        """Record some more events, and return them."""
        first = len(self.events)
        self.events += [self._event(position) for position in range(first + 1, first + count + 1)]
        return self.events[first:]

    def read(self, after: int, limit: int) -> list[LoggedEvent]:
        self.reads += 1
        return self.events[after : after + limit]

    def head(self) -> int:
        return len(self.events)

    def _event(self, position: int) -> LoggedEvent:
        turn, case = divmod(position - 1, self._cases)
        case_id = CaseId(uuid5(_NAMES, f"{self._name} {case}"))
        event: CaseEvent = (
            replace(
                events.phone_call(),
                case_id=case_id,
                version=turn + 1,
                interaction_id=InteractionId(uuid5(case_id, str(turn))),
            )
            if turn
            else replace(events.case_opened(), case_id=case_id, version=1)
        )
        return LoggedEvent(
            position=position,
            event_id=uuid5(_NAMES, f"{self._name} event {position}"),
            tag=tag_of(event),
            metadata=EventMetadata(
                authority=cast.PAU,
                service=cast.CANTEEN,
                channel=Channel.TELEPHONE if turn else Channel.COUNTER,
                subject=case_id,
                occurred_at=event.occurred_at,
                recorded_at=event.stamp.recorded_at,
                command_id=cast.command_id(str(position)),
            ),
            data=msgspec.json.encode(sealed(event)),
        )


class NatsServer:
    """A real server on files of its own: it can be killed, and started again where it was."""

    def __init__(self, data: Path) -> None:
        self.broker = prepare_broker(data)
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self.broker.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait_until_it_listens()

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    async def publish(self, log: MemoryLog, count: int) -> None:
        """Record some events and put them on the stream, without a relay."""
        client = await connect(self.broker.ledger_url, "publisher", attempts=20, wait_s=0.1)
        stream = LedgerStream(client)
        await stream.ensure()
        await stream.append(
            [
                Message(event.position, event.event_id, "ledger.a.b.c.d", compose(event, SOURCE))
                for event in log.record(count)
            ]
        )
        await client.close()

    async def messages(self, count: int) -> list[Msg]:
        """Return the first messages of the stream, as any subscriber would get them."""
        client = await nats.connect(self.broker.ledger_url)
        try:
            subscription = await client.jetstream().subscribe("ledger.>", ordered_consumer=True)
            return [await subscription.next_msg(timeout=10) for _ in range(count)]
        finally:
            await client.close()

    def _end(self, number: int) -> None:
        self._process.send_signal(number)
        self._process.wait()

    def _wait_until_it_listens(self) -> None:
        address = urlsplit(self.broker.url)
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex((address.hostname, address.port)) == 0:
                    return
            time.sleep(0.01)
        raise TimeoutError("the NATS server does not listen")


@pytest.fixture(scope="session")
def new_log() -> type[MemoryLog]:
    """Begin a log; two of the same name record the same."""
    return MemoryLog


@pytest.fixture
def log() -> MemoryLog:
    """An empty log."""
    return MemoryLog()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    """A running server with nothing in it."""
    server = NatsServer(tmp_path / "broker")
    yield server
    server.kill()
