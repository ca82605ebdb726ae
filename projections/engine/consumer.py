"""The stream as a feed: pages of events after a position, in order, without a gap, from the real broker.

An ephemeral pull consumer with a bounded number of messages on the way. After any doubt (a gap, a missed
heartbeat, a lost server) the reader starts again from the view's own position: there is nothing to acknowledge.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import msgspec
import nats.errors
from msgspec import Struct
from nats.aio.msg import Msg

from ledger.publishing.epochs import Epochs, epochs_told
from ledger.publishing.subjects import EVERYTHING
from projections.engine import arrivals
from projections.engine.arrivals import Arrivals, StreamDoubt, honour_cancellation
from projections.engine.client import Client
from projections.engine.credentials import StreamAccess, access_in
from projections.engine.items import FeedItem

__all__ = ["StreamDoubt", "StreamFeed", "StreamUnreachable", "access_in", "connect", "hearing"]

VIEWS_HINT = "hint.views"
REQUEST_TIMEOUT_S = 5.0
PULL_EXPIRES_S = 60
INACTIVE_THRESHOLD_S = 30
RETRY_WAIT_S = 0.5
_NANOSECONDS = 1_000_000_000


class StreamUnreachable(Exception):
    """No NATS server answers at the address given."""


class _ConsumerInfo(Struct):
    name: str = ""
    error: dict[str, object] | None = None


async def connect(access: StreamAccess | str, name: str, *, attempts: int = 30, wait_s: float = 1.0) -> Client:
    """Connect to a NATS server, by an address or with credentials, tried a bounded number of times.

    Raises:
        StreamUnreachable: nobody answered, or nobody is let in so.
    """
    if isinstance(access, str):
        access = StreamAccess(url=access)
    for attempt in range(1, attempts + 1):
        with suppress(TimeoutError, nats.errors.Error, OSError):
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                return await _connect_once(access, name)
        if attempt < attempts:
            await asyncio.sleep(wait_s)
    if access.nkey_seed:
        raise StreamUnreachable(f"No NATS server at {access.url} lets these credentials in: ask for others.")
    raise StreamUnreachable("No NATS server answers at the address of NATS_URL: start it, or correct NATS_URL.")


async def _connect_once(access: StreamAccess, name: str) -> Client:
    client = Client()
    wait_s: int = 0.25  # type: ignore[assignment]  # the library waits for any number of seconds
    await client.connect(
        access.url.split(","),
        name=name,
        nkeys_seed_str=access.nkey_seed or None,
        max_reconnect_attempts=-1,
        reconnect_time_wait=wait_s,
        error_cb=_quiet,
    )
    return client


async def _quiet(_: Exception) -> None:
    """Leave connection errors to the heartbeat, which is missed."""


@asynccontextmanager
async def hearing(url: str, ring: Callable[[int], None]) -> AsyncIterator[None]:
    """Ring whenever views moved on, with how far they have come, for as long as the context lasts.

    Without a server, stay quiet.
    """
    task = asyncio.create_task(_hear(url, ring))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _hear(url: str, ring: Callable[[int], None]) -> None:
    async def heard(hint: Msg) -> None:
        if hint.data.isdigit():
            ring(int(hint.data))

    while True:
        with suppress(StreamUnreachable):
            client = await connect(url, "projections-reader")
            try:
                await client.subscribe(VIEWS_HINT, cb=heard)
                honour_cancellation()
                await asyncio.Event().wait()
            finally:
                await client.close()


class StreamFeed:
    """Reads the stream LEDGER, or the one that an integrator was given; message number N is the event at position N."""

    def __init__(self, client: Client, access: StreamAccess | None = None) -> None:
        """Use a connection, made with that access."""
        self._client = client
        self._access = access or StreamAccess()
        self._epochs: Epochs | None = None

    async def epochs(self) -> Epochs:
        """Return the epochs of the stream: the pages that follow are of these, or there are none.

        Raises:
            StreamDoubt: the server does not say.
        """
        with self._doubting():
            self._epochs = await self._ask_epochs()
        return self._epochs

    async def pages(self, after: int) -> AsyncGenerator[list[FeedItem], None]:
        """Yield the events after a position for ever, in pages as large as what has arrived.

        Raises:
            StreamDoubt: something may have been missed.
            StreamUnreachable: the connection is closed for good.
        """
        inbox, address = Arrivals(after, whole=self._access.whole), self._client.new_inbox()
        with self._doubting():
            subscription = await self._client.subscribe(address, cb=inbox.collect)
            try:
                consumer = await self._make_consumer(after + 1)
                # A consumer ends with its stream, so what it delivers is of the epochs told once it is there.
                if self._epochs is not None and await self._ask_epochs() != self._epochs:
                    raise StreamDoubt("a new epoch of the stream began")
                with self._client.keeping(subscription, inbox.keep):
                    while True:
                        if inbox.outstanding < arrivals.PULL_SIZE // 2:
                            await self._pull(consumer, address)
                            inbox.outstanding += arrivals.PULL_SIZE
                            honour_cancellation()
                        if page := await inbox.take():
                            yield page
            finally:
                with suppress(nats.errors.Error):
                    await subscription.unsubscribe()

    async def hint(self, position: int) -> None:
        """Tell readers that the views moved on; nobody has to hear it, and no integrator may say it."""
        if not self._access.whole:
            return
        with suppress(nats.errors.Error):
            await self._client.publish(VIEWS_HINT, str(position).encode())
        honour_cancellation()

    @contextmanager
    def _doubting(self) -> Iterator[None]:
        try:
            yield
        except (nats.errors.Error, StreamDoubt) as error:
            if self._client.is_closed:
                raise StreamUnreachable("The connection to the NATS server was closed for good.") from error
            raise StreamDoubt(str(error)) from error

    async def _ask_epochs(self) -> Epochs:
        request = self._access.request(f"STREAM.INFO.{self._access.stream}")
        reply = await self._client.request(request, b"", timeout=REQUEST_TIMEOUT_S)
        honour_cancellation()
        try:
            return epochs_told(reply.data)
        except ValueError as error:
            raise StreamDoubt(f"the epochs of the stream cannot be read: {error}") from error

    async def _make_consumer(self, start: int) -> str:
        config = {
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": start,
            "ack_policy": "none",
            "replay_policy": "instant",
            "inactive_threshold": INACTIVE_THRESHOLD_S * _NANOSECONDS,
            "filter_subject": EVERYTHING,
            "num_replicas": 1,
            "mem_storage": True,
        }
        reply = await self._client.request(
            self._access.request(f"CONSUMER.CREATE.{self._access.stream}"),
            msgspec.json.encode({"stream_name": self._access.stream, "config": config}),
            timeout=REQUEST_TIMEOUT_S,
        )
        info = msgspec.json.decode(reply.data, type=_ConsumerInfo)
        if info.error:
            raise StreamDoubt(str(info.error.get("description", "the consumer was refused")))
        return info.name

    async def _pull(self, consumer: str, inbox: str) -> None:
        request = {
            "batch": arrivals.PULL_SIZE,
            "expires": PULL_EXPIRES_S * _NANOSECONDS,
            "idle_heartbeat": int(arrivals.HEARTBEAT_S * _NANOSECONDS),
        }
        subject = self._access.request(f"CONSUMER.MSG.NEXT.{self._access.stream}.{consumer}")
        await self._client.publish(subject, msgspec.json.encode(request), reply=inbox)
