"""A view and the stream of a ledger that was restored from an older copy: nothing is left of the lost future."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ledger.domain.record import LoggedEvent
from ledger.publishing.epochs import Epoch
from ledger.publishing.feed import LogFeed
from ledger.publishing.jetstream import LedgerStream
from ledger.publishing.jetstream import connect as connect_as_ledger
from ledger.publishing.message import Message
from ledger.publishing.published import compose
from projections.engine.consumer import StreamFeed, connect
from projections.engine.ranges import noted_in, sums
from projections.engine.runner import Runner
from projections.engine.store import ViewStore

if TYPE_CHECKING:
    from tests.conftest import MemoryLog, NatsServer
    from tests.engine.conftest import Memory

SOURCE = "https://pau.example/ledger"
SHARED = 12
SECOND = Epoch(SHARED, datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long for what does not come."""
    monkeypatch.setattr("projections.engine.arrivals.HEARTBEAT_S", 0.2)
    monkeypatch.setattr("projections.engine.consumer.REQUEST_TIMEOUT_S", 1.0)
    monkeypatch.setattr("projections.engine.runner.RETRY_WAIT_S", 0.02)


@pytest.fixture
def restored(new_log: "Callable[[str], MemoryLog]", log: "MemoryLog") -> "MemoryLog":
    """A ledger put back to where the copy was made, and written to since: longer than the one that was lost."""
    log.record(20)
    after, another = new_log("restored"), new_log("another future")
    another.record(30)
    after.events = [*log.events[:SHARED], *another.events[SHARED:]]
    return after


async def publish(server: "NatsServer", events: list[LoggedEvent], *epochs: Epoch) -> None:
    """Make the stream anew, as `labkit rebuild stream` does, and fill it."""
    client = await connect_as_ledger(server.broker.ledger_url, "publisher", attempts=20, wait_s=0.1)
    stream = LedgerStream(client, epochs=epochs)
    await stream.drop_copy("LEDGER")
    await stream.ensure()
    await stream.append(
        [Message(event.position, event.event_id, "ledger.a.b.c.d", compose(event, SOURCE)) for event in events]
    )
    await client.close()


async def reach(memory: "Memory", position: int) -> None:
    """Wait until a reader sees a view at a position."""
    async with asyncio.timeout(20):
        while True:
            with closing(ViewStore(memory.view, memory.place, reading=True)) as store:
                if store.position() == position:
                    return
            await asyncio.sleep(0.01)


def is_the_fold_of(memory: "Memory", log: "MemoryLog") -> bool:
    with closing(ViewStore(memory.view, memory.place, reading=True)) as store:
        return list(noted_in(store.open())) == sums(LogFeed(log).read(0, 100)) and memory.counted() == log.head()


@pytest.mark.parametrize("at_work", [True, False], ids=["while it runs", "while it does not"])
async def test_a_view_beyond_what_both_epochs_share_is_folded_anew(
    server: "NatsServer", log: "MemoryLog", restored: "MemoryLog", memory: "Memory", *, at_work: bool
) -> None:
    await publish(server, log.events)
    client = await connect(server.broker.reader_url, "projections")
    runner = Runner([memory.view], memory.place)
    task = asyncio.create_task(runner.run(StreamFeed(client)))
    await reach(memory, 20)
    if not at_work:
        task.cancel()
        await asyncio.wait([task])

    await publish(server, restored.events, SECOND)
    if not at_work:
        task = asyncio.create_task(runner.run(StreamFeed(client)))
    await reach(memory, 30)

    assert is_the_fold_of(memory, restored)
    task.cancel()
    await asyncio.wait([task])
    runner.close()
    await client.close()


async def test_a_view_that_had_not_come_so_far_goes_on(
    server: "NatsServer", log: "MemoryLog", restored: "MemoryLog", memory: "Memory"
) -> None:
    memory.store.apply(LogFeed(restored).read(0, SHARED))
    generation = memory.store.generation()
    await publish(server, restored.events, SECOND)
    client = await connect(server.broker.reader_url, "projections")
    runner = Runner([memory.view], memory.place)
    task = asyncio.create_task(runner.run(StreamFeed(client)))

    await reach(memory, 30)

    assert is_the_fold_of(memory, restored)
    assert memory.store.generation() == generation
    task.cancel()
    await asyncio.wait([task])
    runner.close()
    await client.close()
