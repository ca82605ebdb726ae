"""A NATS server of its own, on files that are thrown away: a subscriber finds there what a real ledger has for it."""

import asyncio
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from labkit.broker import Broker, prepare_broker
from labkit.conform.story import OURS, Told
from labkit.failures import NatsUnreachable
from labkit.integrators.credentials import (
    Credentials,
    Secrets,
    credentials_of,
    fresh_secrets,
    integrator_of,
)
from ledger.access.grants import Grant
from ledger.access.registry import Integrator, Registry
from ledger.publishing import jetstream
from ledger.publishing.jetstream import LedgerStream

NAME = "conform"
NOBODY = "http://127.0.0.1:1"
ATTEMPTS, WAIT_S = 50, 0.1


class PrivateServer:
    """The server, its one integrator, and the stream that the kit fills as a ledger would."""

    def __init__(self, data: Path) -> None:
        """Prepare it in a directory of its own."""
        data.mkdir(mode=0o700)
        self._secrets: Secrets = fresh_secrets()
        self._integrator: Integrator = integrator_of(NAME, Grant(authority=OURS), self._secrets, datetime.now(UTC))
        self._registry = Registry(data)
        self._registry.add(self._integrator)
        self.broker: Broker = prepare_broker(data)
        self._stream: LedgerStream

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Run it for as long as the context lasts.

        Raises:
            NatsUnreachable: it does not start.
        """
        process = await asyncio.create_subprocess_exec(
            *self.broker.command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
        )
        try:
            client = await self._connect()
            try:
                self._stream = LedgerStream(client, self._registry.copies)
                yield
            finally:
                await client.close()
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def begin_again(self) -> None:
        """Empty the stream."""
        for stream in (self._integrator.stream, jetstream.STREAM):
            await self._stream.drop_copy(stream)
        await self._stream.ensure()

    async def publish(self, told: Sequence[Told]) -> None:
        """Put the next messages on the stream."""
        await self._stream.append([each.message for each in told])

    def credentials(self, nats_url: str) -> Credentials:
        """Return what an integrator is handed; nobody answers over HTTP."""
        return credentials_of(self._integrator, self._secrets, nats_url=nats_url, http_url=NOBODY)

    def reader_url(self, nats_url: str) -> str:
        """Return the address of the whole stream, with the password of those who only read."""
        return self.broker.reader_url.replace(self.broker.url.removeprefix("nats://"), nats_url.removeprefix("nats://"))

    async def _connect(self) -> jetstream.Client:
        try:
            return await jetstream.connect(self.broker.ledger_url, "labkit-conform", attempts=ATTEMPTS, wait_s=WAIT_S)
        except jetstream.NatsUnreachable as error:
            raise NatsUnreachable(url=self.broker.url) from error
