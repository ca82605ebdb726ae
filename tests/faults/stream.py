"""The stream as any program reads it, with nothing of ours in between."""

import asyncio
from typing import NamedTuple

import nats
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

STREAM = "LEDGER"
PAGE = 1_000
TIMEOUT_S = 5


class Message(NamedTuple):
    """One message, at its place in the stream."""

    sequence: int
    subject: str
    headers: dict[str, str]
    data: bytes


def read_stream(url: str) -> list[Message]:
    """Return every message that the stream holds now."""
    return asyncio.run(_read(url))


async def _read(url: str) -> list[Message]:
    client = await nats.connect(url)
    try:
        context = client.jetstream()
        end = (await context.stream_info(STREAM)).state.last_seq
        reading = ConsumerConfig(ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.ALL)
        subscription = await context.pull_subscribe("ledger.>", stream=STREAM, config=reading)
        read: list[Message] = []
        while len(read) < end:
            page = await subscription.fetch(min(PAGE, end - len(read)), timeout=TIMEOUT_S)
            read += [Message(m.metadata.sequence.stream, m.subject, m.headers or {}, m.data) for m in page]
        return read
    finally:
        await client.close()
