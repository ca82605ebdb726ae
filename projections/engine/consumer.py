"""The stream as a feed: pages of events after a position, in order, without a gap, from the real broker.

An ephemeral pull consumer with a bounded number of messages on the way. After any doubt (a gap, a missed
heartbeat, a lost server) the reader starts again from the view's own position: there is nothing to acknowledge.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Self

import msgspec
import nats.aio.client
import nats.errors
from msgspec import Struct
from nats.aio.msg import Msg

from ledger.publishing.subjects import EVERYTHING
from projections.engine import arrivals
from projections.engine.arrivals import Arrivals, StreamDoubt, honour_cancellation
from projections.engine.credentials import StreamAccess, access_in
from projections.engine.items import FeedItem

__all__ = ["StreamDoubt", "StreamFeed", "StreamReader", "StreamUnreachable", "access_in", "connect", "hearing"]

VIEWS_HINT = "hint.views"
REQUEST_TIMEOUT_S = 5.0
PULL_EXPIRES_S = 60
INACTIVE_THRESHOLD_S = 30
RETRY_WAIT_S = 0.5
_NANOSECONDS = 1_000_000_000


class StreamUnreachable(Exception):
    """No NATS server answers at the address given."""


class Client(nats.aio.client.Client):
    """A connection that can be closed whatever became of its server."""

    async def close(self) -> None:
        """Close, though what was still to be sent may find nobody."""
        with suppress(OSError):
            await super().close()


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
        access.url,
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
async def hearing(url: str, ring: Callable[[], None]) -> AsyncIterator[None]:
    """Ring whenever the views moved on, for as long as the context lasts; without a server, stay quiet."""
    task = asyncio.create_task(_hear(url, ring))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _hear(url: str, ring: Callable[[], None]) -> None:
    async def heard(_: Msg) -> None:
        ring()

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

    async def pages(self, after: int) -> AsyncGenerator[list[FeedItem], None]:
        """Yield the events after a position for ever, in pages as large as what has arrived.

        Raises:
            StreamDoubt: something may have been missed.
            StreamUnreachable: the connection is closed for good.
        """
        inbox, address = Arrivals(after, whole=self._access.whole), self._client.new_inbox()
        try:
            subscription = await self._client.subscribe(address, cb=inbox.collect)
            try:
                consumer = await self._make_consumer(after + 1)
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
        except (nats.errors.Error, StreamDoubt) as error:
            if self._client.is_closed:
                raise StreamUnreachable("The connection to the NATS server was closed for good.") from error
            raise StreamDoubt(str(error)) from error

    async def hint(self, position: int) -> None:
        """Tell readers that the views moved on; nobody has to hear it, and no integrator may say it."""
        if not self._access.whole:
            return
        with suppress(nats.errors.Error):
            await self._client.publish(VIEWS_HINT, str(position).encode())
        honour_cancellation()

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


class StreamReader:
    """The stream for those who read at their own pace and end: pages of any size, after any position."""

    def __init__(self, url: str) -> None:
        """Name the server."""
        self._url = url
        self._runner = asyncio.Runner()
        self._client: Client | None = None
        self._pages: AsyncGenerator[list[FeedItem], None] | None = None
        self._left: list[FeedItem] = []
        self._position = 0

    def __enter__(self) -> Self:
        """Connect."""
        try:
            self._client = self._runner.run(connect(self._url, "projections-rebuild", attempts=3))
        except StreamUnreachable:
            self._runner.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        self._runner.run(self._close())
        self._runner.close()

    def read(self, after: int, limit: int) -> list[FeedItem]:
        """Return events after a position, at most so many, waiting for the first of them.

        Raises:
            StreamDoubt: none came.
        """
        return self._runner.run(self._read(after, limit))

    async def _read(self, after: int, limit: int) -> list[FeedItem]:
        if self._client is None:
            raise StreamDoubt("not connected")
        if self._pages is None or after != self._position:
            await self._leave()
            self._pages = StreamFeed(self._client).pages(after)
        if not self._left:
            try:
                async with asyncio.timeout(REQUEST_TIMEOUT_S):
                    self._left = await anext(self._pages)
            except TimeoutError as error:
                await self._leave()
                raise StreamDoubt(f"no event came after position {after} in {REQUEST_TIMEOUT_S} seconds") from error
            except StreamDoubt:
                await self._leave()
                raise
        page, self._left = self._left[:limit], self._left[limit:]
        self._position = page[-1].position
        return page

    async def _leave(self) -> None:
        pages, self._pages, self._left = self._pages, None, []
        if pages is not None:
            await pages.aclose()

    async def _close(self) -> None:
        await self._leave()
        if self._client is not None:
            await self._client.close()
