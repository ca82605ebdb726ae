"""The stream, the copies of integrators and what their readers left on the server, deleted and made again.

Relays need not be stopped: each append expects the position before it, so what a relay was about to publish is
refused by the empty stream, and it begins with the first event. One may make the stream before we do, and without
its new epoch: then it is deleted again, so that nobody reads under an epoch that was not told.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from ledger.publishing.copies import Copy, check_made
from ledger.publishing.epochs import Epochs, epochs_in
from ledger.publishing.jetstream import STREAM, Client, LedgerStream
from ledger.publishing.message import PublishDoubt

REQUEST_TIMEOUT_S = 10.0
ATTEMPTS_MAX = 10
CONSUMERS_MAX = 10_000
_NOT_FOUND = 10059
_OF_THE_FORMER = ("metadata", "opt_start_time")


class _Refusal(Struct):
    err_code: int = 0


class _Config(Struct):
    num_replicas: int = 1
    metadata: dict[str, str] = {}


class StreamTold(Struct):
    """What the server says of a stream."""

    config: _Config = msgspec.field(default_factory=_Config)
    error: _Refusal | None = None

    @property
    def is_there(self) -> bool:
        """Tell whether there is such a stream."""
        return self.error is None


class _Reached(Struct):
    stream_seq: int = 0


class _Consumer(Struct):
    config: dict[str, Any]
    delivered: _Reached
    ack_floor: _Reached

    @property
    def reached(self) -> int:
        """Return the last position that its reader is done with."""
        return (self.delivered if self.config.get("ack_policy") == "none" else self.ack_floor).stream_seq


class _Consumers(Struct):
    total: int = 0
    consumers: list[_Consumer] = []


async def ask_stream(client: Client) -> StreamTold:
    """Ask for the stream.

    Raises:
        PublishDoubt: the server does not say.
    """
    told = msgspec.json.decode(await _ask(client, f"STREAM.INFO.{STREAM}"), type=StreamTold)
    if told.error and told.error.err_code != _NOT_FOUND:
        raise PublishDoubt(f"the server does not say how the stream {STREAM} is ({told.error.err_code})")
    return told


class Remaking:
    """Makes the streams of one server anew, each of the same epochs."""

    def __init__(self, client: Client, copies: Iterable[Copy], *, epochs: Epochs, replicas: int) -> None:
        """Use a connection that may change streams."""
        self._client = client
        self._epochs = epochs
        copies = tuple(copies)
        self._names = [STREAM, *(copy.stream for copy in copies)]
        self.stream = LedgerStream(client, lambda: copies, epochs=epochs, replicas=replicas)

    async def remake(self, *, kept_up_to: int) -> None:
        """Leave an empty stream, and its readers where they were, or at the last position that is kept.

        Raises:
            PublishDoubt: the server does not answer, or refuses.
        """
        left = [(name, consumer) for name in self._names for consumer in await self._consumers(name)]
        for _ in range(ATTEMPTS_MAX):
            await self._delete_and_make()
            if epochs_in((await ask_stream(self._client)).config.metadata) == self._epochs:
                break
        else:
            raise PublishDoubt("a relay of another epoch makes the stream again and again: stop it")
        for name, consumer in left:
            await self._put_back(name, consumer, min(consumer.reached, kept_up_to))

    async def _delete_and_make(self) -> None:
        for name in reversed(self._names):
            await self.stream.drop_copy(name)
        await self.stream.ensure()

    async def _consumers(self, stream: str) -> list[_Consumer]:
        found: list[_Consumer] = []
        while len(found) < CONSUMERS_MAX:
            answer = await _ask(self._client, f"CONSUMER.LIST.{stream}", {"offset": len(found)})
            page = msgspec.json.decode(answer, type=_Consumers)
            found += page.consumers
            if not page.consumers or len(found) >= page.total:
                break
        return [consumer for consumer in found if consumer.config.get("durable_name")]

    async def _put_back(self, stream: str, consumer: _Consumer, reached: int) -> None:
        config = {name: value for name, value in consumer.config.items() if name not in _OF_THE_FORMER}
        config |= {"deliver_policy": "by_start_sequence", "opt_start_seq": reached + 1}
        request = f"CONSUMER.DURABLE.CREATE.{stream}.{config['durable_name']}"
        check_made(await _ask(self._client, request, {"stream_name": stream, "config": config}))


async def _ask(client: Client, request: str, body: object = None) -> bytes:
    payload = b"" if body is None else msgspec.json.encode(body)
    return (await client.request(f"$JS.API.{request}", payload, timeout=REQUEST_TIMEOUT_S)).data
