"""The messages of the stream as they lie there, range by range, for who may only read."""

import asyncio

import nats.errors
import nats.js.errors
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from labkit.auditing.findings import Range
from ledger.publishing.epochs import Epochs, epochs_in
from ledger.publishing.jetstream import STREAM, Client, connect

PAGE_SIZE = 500
ANSWER_TIMEOUT_S = 5.0
INACTIVE_THRESHOLD_S = 30.0


class StreamSilent(Exception):
    """The stream cannot be read now: nothing is said of what it holds."""


class StreamRanges:
    """The stream behind one connection."""

    def __init__(self, client: Client) -> None:
        """Use a connection that may read the stream."""
        self._client = client
        self._jetstream = client.jetstream(timeout=ANSWER_TIMEOUT_S)

    async def end(self) -> tuple[int, Epochs]:
        """Return where the stream ends, and of which epochs it is; one that is not there ends at 0.

        Raises:
            StreamSilent: the server does not say.
        """
        try:
            info = await self._jetstream.stream_info(STREAM)
            return info.state.last_seq, epochs_in(info.config.metadata or {})
        except nats.js.errors.NotFoundError:
            return 0, ()
        except (nats.errors.Error, TimeoutError, ValueError) as error:
            raise StreamSilent(str(error) or type(error).__name__) from error

    async def read(self, within: Range) -> dict[int, bytes]:
        """Return the messages that are there, each by its position.

        Raises:
            StreamSilent: the server ended before it had said all.
        """
        try:
            subscription = await self._jetstream.pull_subscribe("", stream=STREAM, config=_from(within.first))
            try:
                return await _read(subscription, within)
            finally:
                await subscription.unsubscribe()
        except (nats.errors.Error, TimeoutError) as error:
            raise StreamSilent(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """Disconnect."""
        await self._client.close()


async def open_stream(url: str) -> StreamRanges:
    """Connect.

    Raises:
        NatsUnreachable: nobody answers.
    """
    return StreamRanges(await connect(url, "labkit-audit", attempts=2))


async def _read(subscription: JetStreamContext.PullSubscription, within: Range) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while True:
        try:
            page = await subscription.fetch(PAGE_SIZE, timeout=ANSWER_TIMEOUT_S)
        except nats.errors.TimeoutError:
            # Of the last messages none may be left: the server says whether it has more.
            if (await subscription.consumer_info()).num_pending:
                raise
            return found
        for message in page:
            place = message.metadata
            if place.sequence.stream <= within.last:
                found[place.sequence.stream] = message.data
            if place.sequence.stream >= within.last or not place.num_pending:
                return found
        # Others of this process may go first.
        await asyncio.sleep(0)


def _from(position: int) -> ConsumerConfig:
    return ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=position,
        ack_policy=AckPolicy.NONE,
        inactive_threshold=INACTIVE_THRESHOLD_S,
        num_replicas=1,
        mem_storage=True,
    )
