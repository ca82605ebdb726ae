"""The stream on NATS JetStream: where it ends, how to append to it exactly, and the hints between processes.

Every append is fenced by the sequence it expects, so what is stored is always a prefix of the ledger. The
acknowledgements are read here and not by the client library, whose own path loses refusals.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from uuid import uuid4

import nats.aio.client
import nats.errors
import nats.js.errors
from nats.aio.msg import Msg
from nats.js.api import RetentionPolicy, StorageType, StreamConfig

from ledger.publishing.cancellation import honour_cancellation
from ledger.publishing.copies import STREAM_EXISTS, Copy, check_made, is_taken
from ledger.publishing.epochs import Epochs, metadata_of
from ledger.publishing.message import (
    End,
    EventTooLarge,
    Message,
    NatsUnreachable,
    PublishDoubt,
    StreamMismatch,
    check_ack,
    end_of,
    headers_of,
)
from ledger.publishing.subjects import EVERYTHING

__all__ = ["Client", "Hints", "LedgerStream", "NatsUnreachable", "PublishDoubt", "connect"]

log = logging.getLogger(__name__)

STREAM = "LEDGER"
LEDGER_HINT = "hint.ledger"
ACK_TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 2.0
ATOMIC_FROM = 100
"""From this many messages on, one atomic batch is cheaper than as many single appends."""
ATOMIC_MAX = 1_000
"""More messages than this, and a server refuses the batch."""
_NOT_A_CLUSTER = 10_074
_SERVERS_MISSING = 10_005


class Client(nats.aio.client.Client):
    """A connection that can be closed whatever became of its server."""

    async def close(self) -> None:
        """Close, though what was still to be sent may find nobody."""
        with suppress(OSError):
            await super().close()


async def connect(url: str, name: str, *, attempts: int = 1, wait_s: float = 1.0) -> Client:
    """Connect to a NATS server; the connection then mends itself for as long as it is used.

    Raises:
        NatsUnreachable: nobody answered, however often it was tried.
    """
    for attempt in range(1, attempts + 1):
        with suppress(TimeoutError, nats.errors.Error, OSError):
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                return await _connect_once(url, name)
        if attempt < attempts:
            await asyncio.sleep(wait_s)
    raise NatsUnreachable(url)


async def _connect_once(url: str, name: str) -> Client:
    client = Client()
    wait_s: int = 0.25  # type: ignore[assignment]  # the library waits for any number of seconds
    servers = url.split(",")
    await client.connect(servers, name=name, max_reconnect_attempts=-1, reconnect_time_wait=wait_s, error_cb=_quiet)
    return client


async def _quiet(_: Exception) -> None:
    """Leave connection errors to those who wait for an answer: they meet a time-out and look again."""


class LedgerStream:
    """The stream `LEDGER`, whose message number N is the event at position N."""

    def __init__(
        self,
        client: Client,
        copies: Callable[[], Iterable[Copy]] = tuple,
        *,
        epochs: Epochs = (),
        replicas: int = 1,
    ) -> None:
        """Use a connection; the stream is made by `ensure`, and with it the copies that there are to be."""
        self._client = client
        self._copies = copies
        self._replicas = replicas
        self._epochs = epochs
        self._context = client.jetstream(timeout=ACK_TIMEOUT_S)
        self._takes_batches = True

    async def ensure(self) -> None:
        """Make the stream if it is not there; one that somebody made with other settings is used as it is.

        Raises:
            PublishDoubt: the server does not say.
            StreamMismatch: the server will never make it.
        """
        with self._doubting():
            try:
                await self._context.add_stream(_settings(self._replicas, self._epochs))
            except nats.js.errors.APIError as refusal:
                _take_refusal(refusal)
        for copy in self._copies():
            try:
                await self.ensure_copy(copy)
            except PublishDoubt as doubt:
                # A copy that the server will not make is its reader's concern, and stops nobody else.
                log.warning("The copy %s is not there: %s", copy.stream, doubt)

    async def ensure_copy(self, copy: Copy) -> None:
        """Make a copy if it is not there: the server fills it, and keeps it up with the stream.

        One of other subjects, left by somebody who had the name before, is made anew: it held what they might read.

        Raises:
            PublishDoubt: the server does not say, or refuses.
        """
        create, settings = (
            f"STREAM.CREATE.{copy.stream}",
            copy.settings(STREAM, replicas=self._replicas, metadata=metadata_of(self._epochs)),
        )
        with self._doubting():
            made = await self._api(create, settings)
            if is_taken(made):
                if copy.is_told_by(await self._api(f"STREAM.INFO.{copy.stream}", b"")):
                    return
                await self._api(f"STREAM.DELETE.{copy.stream}", b"")
                made = await self._api(create, settings)
            check_made(made)

    async def drop_copy(self, stream: str) -> None:
        """Delete a copy, with what its readers left on the server; one that is not there is none to delete."""
        with self._doubting():
            await self._api(f"STREAM.DELETE.{stream}", b"")

    async def _api(self, request: str, body: bytes) -> bytes:
        return (await self._client.request(f"$JS.API.{request}", body, timeout=ACK_TIMEOUT_S)).data

    async def end(self) -> End:
        """Return where the stream ends.

        Raises:
            PublishDoubt: the server does not say.
        """
        with self._doubting():
            info = await self._context.stream_info(STREAM)
            self._takes_batches = bool(info.config.allow_atomic)
            if (kept := info.config.num_replicas or 1) < self._replicas:
                log.warning("The stream %s is kept by %s servers, not by %s as asked", STREAM, kept, self._replicas)
            if not (position := info.state.last_seq):
                return End()
            try:
                last = await self._context.get_msg(STREAM, seq=position)
            except nats.js.errors.NotFoundError:
                return End(position)
        return end_of(position, last.data or b"")

    async def append(self, messages: Sequence[Message]) -> None:
        """Append messages, in order, right after the position before the first.

        Raises:
            PublishDoubt: some or all may be missing; what is stored is a prefix.
            EventTooLarge: the server takes no message as large as one of them; those before it are stored.
        """
        limit_bytes = self._client.max_payload
        fitting = list(takewhile(lambda message: message.size_bytes <= limit_bytes, messages))
        for first in range(0, len(fitting), ATOMIC_MAX):
            with self._doubting():
                await self._append(fitting[first : first + ATOMIC_MAX])
        if len(fitting) < len(messages):
            raise EventTooLarge(messages[len(fitting)], limit_bytes)

    async def _append(self, messages: Sequence[Message]) -> None:
        if len(messages) == 1:
            reply = await self._request(messages[0], headers_of(messages[0], fenced=True))
            check_ack(reply, messages[0].position)
        elif len(messages) < ATOMIC_FROM or not self._takes_batches:
            await self._append_pipelined(messages)
        else:
            await self._append_atomically(messages)

    async def _append_pipelined(self, messages: Sequence[Message]) -> None:
        """Send all, then read all: a refused message makes every later one fail, as each expects its forerunner."""
        done = asyncio.get_running_loop().create_future()
        replies: dict[int, bytes] = {}

        async def collect(reply: Msg) -> None:
            replies[int(reply.subject.rpartition(".")[2])] = reply.data
            if len(replies) == len(messages) and not done.done():
                done.set_result(None)

        inbox = self._client.new_inbox()
        subscription = await self._client.subscribe(f"{inbox}.*", cb=collect)
        try:
            for message in messages:
                await self._client.publish(
                    message.subject,
                    message.payload,
                    reply=f"{inbox}.{message.position}",
                    headers=headers_of(message, fenced=True),
                )
            async with asyncio.timeout(ACK_TIMEOUT_S):
                await done
        finally:
            await subscription.unsubscribe()
        for message in messages:
            check_ack(replies[message.position], message.position)

    async def _append_atomically(self, messages: Sequence[Message]) -> None:
        batch, last = uuid4().hex, len(messages)
        for rank, message in enumerate(messages, start=1):
            headers = headers_of(message, fenced=rank == 1)
            headers |= {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(rank)}
            if rank == last:
                headers["Nats-Batch-Commit"] = "1"
            if 1 < rank < last:
                await self._client.publish(message.subject, message.payload, headers=headers)
                continue
            reply = await self._request(message, headers)
            if reply or rank == last:
                check_ack(reply, message.position)

    async def _request(self, message: Message, headers: dict[str, str]) -> bytes:
        ask = self._client.request
        return (await ask(message.subject, message.payload, timeout=ACK_TIMEOUT_S, headers=headers)).data

    @contextmanager
    def _doubting(self) -> Iterator[None]:
        """Make a doubt of every way not to get an answer; a connection closed for good is told by its name."""
        try:
            yield
        except (TimeoutError, nats.errors.Error) as error:
            honour_cancellation()
            if self._client.is_closed:
                raise NatsUnreachable(self._client.servers[0].geturl()) from error
            raise PublishDoubt(f"{type(error).__name__} {error}") from error
        honour_cancellation()


def _take_refusal(refusal: nats.js.errors.APIError) -> None:
    """Go on with a stream that is there already, and tell a server that cannot now from one that never will.

    Raises:
        APIError: a doubt; servers are missing, or none of them leads the others.
        StreamMismatch: asking again is of no use.
    """
    if refusal.err_code == STREAM_EXISTS:
        return
    passing = not isinstance(refusal, nats.js.errors.BadRequestError) or refusal.err_code == _SERVERS_MISSING
    if passing and refusal.err_code != _NOT_A_CLUSTER:
        raise refusal
    raise StreamMismatch(
        f"The NATS server refuses to make the stream {STREAM}: {refusal.description}. Nothing was published."
    ) from refusal


def _settings(replicas: int, epochs: Epochs = ()) -> StreamConfig:
    return StreamConfig(
        name=STREAM,
        subjects=[EVERYTHING],
        storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS,
        num_replicas=replicas,
        allow_atomic=True,
        allow_direct=True,
        deny_delete=True,
        deny_purge=True,
        metadata=metadata_of(epochs),
    )


class Hints:
    """Small, lossy messages that say «there is something new»; who hears none looks again by himself."""

    def __init__(self, client: Client) -> None:
        """Use a connection."""
        self._client = client
        self._heard = asyncio.Event()

    async def listen(self, subject: str) -> None:
        """Wake `wait` whenever a hint arrives on a subject."""

        async def hear(_: Msg) -> None:
            self._heard.set()

        await self._client.subscribe(subject, cb=hear)

    async def wait(self, timeout_s: float) -> None:
        """Return at the next hint, or after the time-out."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._heard.wait()
        self._heard.clear()

    async def give(self, subject: str, position: int) -> None:
        """Say that a position was reached; nobody has to hear it."""
        with suppress(nats.errors.Error):
            await self._client.publish(subject, str(position).encode())
        honour_cancellation()
