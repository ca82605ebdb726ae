"""Relays and servers that end at any moment, on a real server: the stream stays an exact copy."""

import asyncio
import random
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from ledger.publishing.jetstream import connect
from ledger.publishing.message import EventTooLarge, NatsUnreachable, PublishDoubt, StreamMismatch
from ledger.publishing.relay import Pace

if TYPE_CHECKING:
    from tests.conftest import MemoryLog
    from tests.publishing.conftest import Copying

SMALL_PAGES = Pace(batch_size_max=150, idle_wait_s=0.05, doubt_wait_s=0.01, doubt_wait_max_s=0.05)

pytestmark = pytest.mark.usefixtures("hasty")


async def test_a_backlog_is_copied_from_an_empty_stream(copying: "Copying") -> None:
    copying.log.record(1_234)

    async with copying.relay():
        await copying.until(1_234)

    assert await copying.is_exact()


async def test_what_is_recorded_later_follows_without_any_hint(copying: "Copying") -> None:
    async with copying.relay():
        for count in (1, 5, 120, 1):
            copying.log.record(count)
            await copying.until(copying.log.head())

    assert await copying.is_exact()


async def test_a_relay_that_is_stopped_at_any_moment_is_taken_over_by_the_next(copying: "Copying") -> None:
    chance = random.Random(7)
    copying.log.record(3_000)

    for _ in range(12):
        async with copying.relay(SMALL_PAGES):
            await asyncio.sleep(chance.uniform(0, 0.02))
    async with copying.relay():
        await copying.until(3_000)

    assert await copying.is_exact()


async def test_two_relays_at_once_store_nothing_twice(copying: "Copying") -> None:
    chance = random.Random(11)

    async with AsyncExitStack() as stack:
        relays = [await stack.enter_async_context(copying.relay(SMALL_PAGES)) for _ in range(2)]
        while copying.log.head() < 3_000:
            copying.log.record(chance.choice((1, 3, 40, 400)))
            await asyncio.sleep(chance.uniform(0, 0.02))
        await copying.until(copying.log.head())

        assert not any(relay.done() for relay in relays)

    assert await copying.is_exact()


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_server_killed_in_a_backlog_and_started_again_misses_and_repeats_nothing(
    copying: "Copying", seed: int
) -> None:
    chance = random.Random(seed)
    copying.log.record(8_000)

    async with copying.relay(SMALL_PAGES) as relay:
        for position in (1, 1_000, 3_000):
            await copying.until(position)
            await asyncio.sleep(chance.uniform(0, 0.05))
            copying.server.kill()
            await asyncio.sleep(chance.uniform(0, 0.1))
            copying.server.start()
            copying.log.record(50)
        await copying.until(copying.log.head())

        assert not relay.done()

    assert await copying.is_exact()


async def test_a_server_stopped_and_started_again_is_found_again(copying: "Copying") -> None:
    copying.log.record(10)

    async with copying.relay() as relay:
        await copying.until(10)
        copying.server.stop()
        copying.log.record(10)
        await asyncio.sleep(0.2)
        copying.server.start()
        await copying.until(20)

        assert not relay.done()

    assert await copying.is_exact()


async def test_a_stream_that_was_removed_is_made_again_from_the_first_event(copying: "Copying") -> None:
    copying.log.record(200)

    async with copying.relay():
        await copying.until(200)
        client = await connect(copying.server.broker.ledger_url, "operator")
        await client.jetstream().delete_stream("LEDGER")
        await client.close()
        copying.log.record(1)
        await copying.until(201)

    assert await copying.is_exact()


async def test_a_relay_can_be_stopped_while_its_server_is_down(copying: "Copying") -> None:
    copying.log.record(10)

    async with copying.relay() as relay:
        await copying.until(10)
        copying.server.kill()
        copying.log.record(10)
        await asyncio.sleep(0.1)

    assert relay.cancelled()


async def test_a_stream_ahead_of_the_ledger_ends_the_relay_and_stays_as_it_is(copying: "Copying") -> None:
    copying.log.record(150)
    async with copying.relay():
        await copying.until(150)
    whole, copying.log.events = copying.log.events, copying.log.events[:100]

    async with copying.relay() as relay:
        with pytest.raises(StreamMismatch, match="ends at position 150, the ledger at 100"):
            await relay

    copying.log.events = whole
    assert await copying.is_exact()


@pytest.mark.parametrize("written", [b"{}", b"not even JSON", b'{"sequence":"00000000000000000001"}'])
async def test_a_stream_that_somebody_else_wrote_into_ends_the_relay(copying: "Copying", written: bytes) -> None:
    copying.log.record(5)
    async with copying.stream():
        client = await connect(copying.server.broker.ledger_url, "somebody")
        await client.jetstream().publish("ledger.a.b.c.d", written)
        await client.close()

    async with copying.relay() as relay:
        with pytest.raises(StreamMismatch, match="At position 1"):
            await relay

    assert [message.data for message in await copying.server.messages(1)] == [written]


async def test_the_stream_of_another_ledger_ends_the_relay(copying: "Copying", new_log: "type[MemoryLog]") -> None:
    ours, copying.log = copying.log, new_log("theirs")
    copying.log.record(3)
    async with copying.relay():
        await copying.until(3)
    theirs, copying.log = copying.log, ours
    ours.record(5)

    async with copying.relay() as relay:
        with pytest.raises(StreamMismatch, match="At position 3"):
            await relay

    copying.log = theirs
    assert await copying.is_exact()


async def test_an_event_too_large_for_the_server_ends_the_relay_after_those_before_it(copying: "Copying") -> None:
    copying.log.record(5)
    large = copying.log.events[3]
    copying.log.events[3] = type(large)(
        large.position, large.event_id, large.tag, large.metadata, b'"' + b"x" * 5_000_000 + b'"'
    )

    async with copying.relay() as relay:
        with pytest.raises(EventTooLarge, match="Event 4 takes"):
            await relay

    assert await copying.is_exact(3)


async def test_a_server_that_does_not_answer_is_a_doubt(copying: "Copying") -> None:
    async with copying.stream() as stream:
        copying.server.kill()

        with pytest.raises(PublishDoubt):
            await stream.ensure()
        with pytest.raises(PublishDoubt):
            await stream.end()


async def test_an_address_where_nobody_listens_is_told_by_name_and_without_its_password(copying: "Copying") -> None:
    copying.server.kill()

    with pytest.raises(NatsUnreachable, match=r"No NATS server answers at 127\.0\.0\.1:\d+: "):
        await connect(copying.server.broker.ledger_url, "test", attempts=2, wait_s=0.01)
