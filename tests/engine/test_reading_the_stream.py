"""The stream as a feed, from a real server that is killed now and then."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

import nats
import pytest

from ledger.publishing.feed import LogFeed
from ledger.publishing.published import published_from_log
from projections.engine.consumer import StreamDoubt, StreamFeed, StreamUnreachable, connect
from projections.engine.items import FeedItem
from projections.engine.rebuild import rebuild
from projections.engine.stream_reader import StreamReader

if TYPE_CHECKING:
    from tests.conftest import MemoryLog, NatsServer
    from tests.engine.conftest import Memory


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long for what does not come."""
    monkeypatch.setattr("projections.engine.arrivals.HEARTBEAT_S", 0.2)
    monkeypatch.setattr("projections.engine.consumer.REQUEST_TIMEOUT_S", 1.0)


@asynccontextmanager
async def reading(server: "NatsServer") -> AsyncIterator[StreamFeed]:
    client = await connect(server.broker.reader_url, "test")
    try:
        yield StreamFeed(client)
    finally:
        await client.close()


async def read(feed: StreamFeed, after: int, until: int) -> list[FeedItem]:
    """Read from after a position until another; no page is empty."""
    items: list[FeedItem] = []
    async with asyncio.timeout(20), aclosing(feed.pages(after)) as pages:
        async for page in pages:
            assert page
            items += page
            if items[-1].position >= until:
                return items
    raise AssertionError("the stream never ends")


@pytest.mark.parametrize("after", [0, 1, 777, 2_499])
async def test_a_feed_gives_every_event_after_a_position(server: "NatsServer", log: "MemoryLog", after: int) -> None:
    await server.publish(log, 2_500)

    async with reading(server) as feed:
        items = await read(feed, after, 2_500)

    assert items == [published_from_log(event) for event in log.events[after:]]


async def test_a_feed_waits_for_what_is_published_later(server: "NatsServer", log: "MemoryLog") -> None:
    await server.publish(log, 3)

    async with reading(server) as feed:
        waiting = asyncio.create_task(read(feed, 3, 10))
        await asyncio.sleep(0.05)
        for count in (1, 2, 4):
            await server.publish(log, count)

        assert [item.position for item in await waiting] == list(range(4, 11))


async def test_a_view_may_be_ahead_of_a_stream_that_is_being_made_again(server: "NatsServer", log: "MemoryLog") -> None:
    await server.publish(log, 3)

    async with reading(server) as feed:
        waiting = asyncio.create_task(read(feed, 5, 7))
        await asyncio.sleep(0.05)
        await server.publish(log, 4)

        assert [item.position for item in await waiting] == [6, 7]


async def test_silence_is_no_doubt_as_long_as_the_server_lives(
    server: "NatsServer", log: "MemoryLog", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.engine.consumer.PULL_EXPIRES_S", 1)
    await server.publish(log, 1)

    async with reading(server) as feed:
        waiting = asyncio.create_task(read(feed, 1, 2))
        await asyncio.sleep(2.2)
        assert not waiting.done()
        await server.publish(log, 1)

        assert [item.position for item in await waiting] == [2]


async def test_a_slow_reader_has_a_bounded_number_of_events_on_the_way(
    server: "NatsServer", log: "MemoryLog", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.engine.arrivals.PULL_SIZE", 100)
    await server.publish(log, 2_000)
    pages: list[int] = []

    async with reading(server) as feed, aclosing(feed.pages(0)) as arriving:
        async for page in arriving:
            pages.append(len(page))
            await asyncio.sleep(0.01)
            if page[-1].position == 2_000:
                break

    assert sum(pages) == 2_000
    assert max(pages) <= 150


@pytest.mark.parametrize("end", ["kill", "stop"])
async def test_a_server_that_ends_is_a_doubt_and_reading_resumes_without_gap_or_double(
    server: "NatsServer", log: "MemoryLog", end: str
) -> None:
    await server.publish(log, 1_200)
    seen: list[int] = []

    async with reading(server) as feed:
        with pytest.raises(StreamDoubt):
            async for page in feed.pages(0):
                seen += [item.position for item in page]
                if seen[-1] == 1_200:
                    getattr(server, end)()
        server.start()
        await server.publish(log, 300)
        seen += [item.position for item in await read(feed, seen[-1], 1_500)]

    assert seen == list(range(1, 1_501))


async def test_a_server_that_is_away_is_a_doubt(server: "NatsServer") -> None:
    async with reading(server) as feed:
        server.kill()
        await asyncio.sleep(0.05)

        with pytest.raises(StreamDoubt):
            await read(feed, 0, 1)


async def test_a_stream_that_nobody_made_yet_is_a_doubt(server: "NatsServer") -> None:
    async with reading(server) as feed:
        with pytest.raises(StreamDoubt, match="not found"):
            await read(feed, 0, 1)


async def test_a_consumer_that_somebody_deleted_is_a_doubt(server: "NatsServer", log: "MemoryLog") -> None:
    await server.publish(log, 3)
    operator = await nats.connect(server.broker.ledger_url)

    async with reading(server) as feed:
        with pytest.raises(StreamDoubt):
            async for _ in feed.pages(0):
                for consumer in await operator.jetstream().consumers_info("LEDGER"):
                    await operator.jetstream().delete_consumer("LEDGER", consumer.name)

    await operator.close()


async def test_a_stream_that_lost_its_beginning_is_a_doubt(server: "NatsServer", log: "MemoryLog") -> None:
    operator = await nats.connect(server.broker.ledger_url)
    await operator.jetstream().add_stream(name="LEDGER", subjects=["ledger.>"], max_msgs=5)
    await server.publish(log, 8)
    await operator.close()

    async with reading(server) as feed:
        with pytest.raises(StreamDoubt, match="event 4 came after 0"):
            await read(feed, 0, 8)


async def test_a_connection_closed_for_good_is_told_by_name(server: "NatsServer") -> None:
    client = await connect(server.broker.reader_url, "test")
    await client.close()

    with pytest.raises(StreamUnreachable, match="closed for good"):
        await read(StreamFeed(client), 0, 1)


async def test_a_feed_that_is_left_leaves_nothing_behind(server: "NatsServer", log: "MemoryLog") -> None:
    await server.publish(log, 3)
    client = await connect(server.broker.reader_url, "test")
    feed = StreamFeed(client)
    await read(feed, 0, 3)
    subscriptions = len(client._subs)

    for _ in range(5):
        await read(feed, 0, 3)

    assert len(client._subs) == subscriptions
    await client.close()


def test_a_reader_with_its_own_pace_gets_pages_of_any_size(server: "NatsServer", log: "MemoryLog") -> None:
    asyncio.run(server.publish(log, 1_300))

    with StreamReader(server.broker.reader_url) as stream:
        position, sizes = 0, []
        while position < 1_300:
            page = stream.read(position, 500)
            sizes.append(len(page))
            assert page == LogFeed(log).read(position, len(page))
            position = page[-1].position
        again = stream.read(10, 5)

    assert max(sizes) <= 500
    assert [item.position for item in again] == [11, 12, 13, 14, 15][: len(again)]


def test_a_reader_with_its_own_pace_does_not_wait_for_ever(server: "NatsServer", log: "MemoryLog") -> None:
    asyncio.run(server.publish(log, 3))

    with StreamReader(server.broker.reader_url) as stream:
        with pytest.raises(StreamDoubt, match="after position 3"):
            stream.read(3, 10)
        asyncio.run(server.publish(log, 2))

        assert stream.read(3, 1)[0].position == 4


def test_a_reader_without_a_server_says_so(server: "NatsServer", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.engine.consumer.REQUEST_TIMEOUT_S", 0.1)
    server.kill()

    with pytest.raises(StreamUnreachable), StreamReader(server.broker.reader_url):
        pass


def test_a_view_rebuilt_from_the_stream_is_the_one_rebuilt_from_the_log(
    server: "NatsServer", log: "MemoryLog", memory: "Memory"
) -> None:
    asyncio.run(server.publish(log, 1_100))
    memory.fold(LogFeed(log).read(0, 1_100), 100)

    with StreamReader(server.broker.reader_url) as stream:
        from_the_stream = rebuild(memory.view, memory.place, stream.read)
    from_the_log = rebuild(memory.view, memory.place, LogFeed(log).read)

    assert (from_the_stream.position, from_the_stream.differing_tables) == (1_100, [])
    assert (from_the_log.position, from_the_log.differing_tables) == (1_100, [])
