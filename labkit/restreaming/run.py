"""The whole of `labkit rebuild stream`: look, refuse or go on, make anew, fill, and set webhooks back."""

import asyncio
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import nats.errors
import nats.js.errors
from msgspec import Struct
from msgspec.structs import replace

from labkit.auditing.identity import Identity, identity_in
from labkit.failures import NatsUnreachable
from labkit.prerequisites import environment_settings
from labkit.restreaming.failures import StreamNotMade, StreamOfAnotherLedger, StreamOfAnotherPast
from labkit.restreaming.filling import Progress, fill
from labkit.restreaming.remaking import Remaking, ask_stream
from labkit.restreaming.server import serving
from labkit.restreaming.standing import Standing, look
from ledger.access.registry import Registry
from ledger.application import ReadOnlyLog
from ledger.publishing import jetstream
from ledger.publishing.epochs import EVERYTHING, Epoch, Epochs, epochs_in, keep_epochs, number_of, read_epochs
from ledger.publishing.jetstream import STREAM, Client, LedgerStream, connect
from ledger.publishing.message import PublishDoubt, StreamMismatch
from ledger.publishing.relay import Relay
from ledger.settings import Settings
from ledger.webhooks.database import FILE as WEBHOOKS_FILE
from ledger.webhooks.database import open_database
from ledger.webhooks.outbox import set_back

CONNECT_ATTEMPTS = 10


class Restreamed(Struct, frozen=True, kw_only=True):
    """A stream made anew: how much was published again, and in a new epoch, up to where the ones before are shared."""

    events: int
    copies: int
    epoch: int
    shared: int | None
    seconds: float


def rebuild_stream(data: Path, *, new_epoch: bool, on_progress: Progress = lambda _, __: None) -> Restreamed:
    """Make the stream anew from the ledger of a data directory.

    Raises:
        LabkitFailure: the stream is of another past and no new epoch is asked for, or the server fails.
    """
    settings = replace(environment_settings(), data=data)
    with closing(ReadOnlyLog(settings)) as log, serving(data, settings.nats_url) as url:
        remake = _Remake(settings, log, on_progress, new_epoch=new_epoch)
        try:
            return asyncio.run(remake.at(url))
        except jetstream.NatsUnreachable as error:
            raise NatsUnreachable(url=url.rpartition("@")[2]) from error
        except (PublishDoubt, StreamMismatch, nats.errors.Error, TimeoutError) as error:
            raise StreamNotMade(reason=str(error) or type(error).__name__) from error


class _Remake:
    def __init__(self, settings: Settings, log: ReadOnlyLog, on_progress: Progress, *, new_epoch: bool) -> None:
        self._settings = settings
        self._log = log
        self._on_progress = on_progress
        self._new_epoch = new_epoch
        self._registry = Registry(settings.data)

    async def at(self, url: str) -> Restreamed:
        started = time.monotonic()
        client = await connect(url, "labkit-rebuild", attempts=CONNECT_ATTEMPTS)
        try:
            told = await ask_stream(client)
            # The longer: the file of a server that lost its disk, or the stream of a data directory that was put back.
            known = max(read_epochs(self._settings.data), epochs_in(told.config.metadata), key=len)
            standing = await self._look(client, known, there=told.is_there)
            self._check(standing, url)
            epochs = self._epochs(standing)
            kept_up_to = standing.shared if self._new_epoch else EVERYTHING
            replicas = told.config.num_replicas if told.is_there else self._settings.stream_replicas
            remaking = Remaking(client, self._registry.copies(), epochs=epochs, replicas=replicas)
            await remaking.remake(kept_up_to=kept_up_to)
            await fill(self._relay(remaking.stream), standing.head, self._on_progress)
        finally:
            await client.close()
        return Restreamed(
            events=standing.head,
            copies=len(self._registry.copies()),
            epoch=number_of(epochs),
            shared=standing.shared if self._new_epoch else None,
            seconds=round(time.monotonic() - started, 3),
        )

    async def _look(self, client: Client, epochs: Epochs, *, there: bool) -> Standing:
        async def message_at(position: int) -> Identity | None:
            try:
                message = await client.jetstream().get_msg(STREAM, seq=position)
            except nats.js.errors.NotFoundError:
                return None
            return identity_in(message.data or b"", position)

        end = (await LedgerStream(client).end()).position if there else 0
        return await look(self._log, end, epochs=epochs, message_at=message_at)

    def _check(self, standing: Standing, url: str) -> None:
        if standing.of_another_past and not standing.shared:
            raise StreamOfAnotherLedger(end=standing.end, url=url.rpartition("@")[2])
        if standing.of_another_past and not self._new_epoch:
            raise StreamOfAnotherPast(end=standing.end, head=standing.head, shared=standing.shared)

    def _epochs(self, standing: Standing) -> Epochs:
        """Return the epochs to be, kept where a relay finds them before the stream is touched."""
        epochs = standing.epochs
        if self._new_epoch:
            epochs = (*epochs, Epoch(standing.shared, datetime.now(UTC)))
            self._set_webhooks_back(standing.shared)
        keep_epochs(self._settings.data, epochs)
        return epochs

    def _set_webhooks_back(self, position: int) -> None:
        # Before the stream: an interruption then leaves a stream that is still refused, and nobody ahead.
        if (self._settings.data / WEBHOOKS_FILE).exists():
            with closing(open_database(self._settings.data)) as database:
                set_back(database, position)

    def _relay(self, stream: LedgerStream) -> Relay:
        return Relay(self._log, stream, source=self._settings.source, wait=asyncio.sleep)
