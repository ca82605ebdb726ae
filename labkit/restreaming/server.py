"""The NATS server of a data directory: the one that runs, or ours, started for as long as it is needed."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from labkit.broker import LOOPBACK, Broker, ledger_url, prepare_broker, reader_url
from labkit.failures import NothingRunning
from labkit.instance import find_instance
from labkit.prerequisites import hold
from labkit.roles import Role, RunningRole

READY_TIMEOUT_S = 10.0
LOOK_EVERY_S = 0.02


@contextmanager
def serving(data: Path, given: str | None) -> Iterator[str]:
    """Yield the address at which the stream may be changed, that of NATS_URL where it is `given`.

    Raises:
        AlreadyRunning: another run holds the data directory and does not answer yet.
    """
    running = given or _running(data, ledger_url)
    if running:
        yield running
    else:
        with hold(data), _started(data) as broker:
            yield broker.ledger_url


@contextmanager
def serving_readers(data: Path, given: str | None) -> Iterator[str]:
    """Yield the address at which the stream may be read, that of NATS_URL where it is `given`.

    Raises:
        AlreadyRunning: another run holds the data directory and does not answer yet.
    """
    running = given or _running(data, reader_url)
    if running:
        yield running
    else:
        with hold(data), _started(data) as broker:
            yield broker.reader_url


def _running(data: Path, url_of: Callable[[Path, str | None], str]) -> str | None:
    try:
        return url_of(data, find_instance(data).nats_url)
    except NothingRunning:
        return None


def _wait_until_it_listens(port: int) -> None:
    # Who connects afterwards tries again by himself; this only spares a second of waiting in between.
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(LOOK_EVERY_S)


@contextmanager
def _started(data: Path) -> Iterator[Broker]:
    broker = prepare_broker(data)
    server = RunningRole(Role(name="nats-server", command=broker.command, environment={}), data)
    try:
        _wait_until_it_listens(int(broker.url.rpartition(":")[2]))
        yield broker
    finally:
        server.stop()
