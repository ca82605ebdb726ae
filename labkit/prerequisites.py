"""What `labkit up` makes sure of before it starts anything, so that a failure leaves everything as it was."""

import asyncio
import fcntl
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from labkit.broker import LOOPBACK
from labkit.failures import AlreadyRunning, BadSettings, NatsUnreachable, NewerData, PortTaken, StorageFailed
from labkit.instance import RUN_FILE
from labkit.roles import end_orphans
from ledger.publishing import jetstream
from ledger.settings import Settings, SettingsError, read_settings
from ledger.store.database import SCHEMA_VERSION

NATS_ATTEMPTS = 2


def environment_settings() -> Settings:
    """Return the settings of the environment, checked once, here, where a person reads the message.

    Raises:
        BadSettings: one of them is unknown or unusable.
    """
    try:
        return read_settings(os.environ)
    except SettingsError as error:
        raise BadSettings(reason=error) from error


@contextmanager
def hold(data: Path) -> Iterator[None]:
    """Hold a data directory: a second run on it would write beside the first, and what a killed one left is ended.

    Raises:
        AlreadyRunning: another run holds it.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock: IO[str] = (data / "lock").open("w", encoding="ascii")
    except OSError as error:
        raise StorageFailed(reason=error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(data=data) from error
        end_orphans(data)
        (data / RUN_FILE).unlink(missing_ok=True)
        yield


def check_port(port: int) -> None:
    """Make sure that nobody listens on a port.

    Raises:
        PortTaken: somebody does.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortTaken(port=port) from error


def check_version(data: Path, settings: Settings) -> None:
    """Refuse a newer version's data before anything is written beside them; PostgreSQL is asked by the site.

    Raises:
        NewerData: a newer version wrote the ledger.
    """
    file = data / settings.ledger_file.name
    if settings.database_url or not file.exists():
        return
    # Without a write-ahead log beside it, the file alone is the whole: then SQLite need not make one to read it.
    way = "mode=ro" if file.with_name(f"{file.name}-wal").exists() else "immutable=1"
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?{way}", uri=True)) as database:
            (found,) = database.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error as error:
        raise StorageFailed(reason=error) from error
    if found > SCHEMA_VERSION:
        raise NewerData(data=data)


def check_nats(settings: Settings) -> None:
    """Make sure that the NATS server of the environment answers, where it names one.

    Raises:
        NatsUnreachable: nobody answers there; its message names the address and never the credentials.
    """
    if not settings.nats_url:
        return
    url = settings.nats_url

    async def look() -> None:
        client = await jetstream.connect(url, "labkit-up", attempts=NATS_ATTEMPTS)
        await client.close()

    try:
        asyncio.run(look())
    except jetstream.NatsUnreachable as error:
        address = urlsplit(url.partition(",")[0])
        raise NatsUnreachable(url=f"{address.hostname}:{address.port or 4222}") from error
