"""The one writer of all views, from commands to rows, on a real server."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING

import nats
import pytest
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.publishing.feed import LogFeed
from ledger.publishing.jetstream import LedgerStream
from ledger.publishing.jetstream import connect as connect_as_ledger
from ledger.publishing.published import PublishedEvent
from ledger.publishing.relay import Relay
from ledger.settings import Settings
from projections import VIEWS
from projections.engine.consumer import StreamFeed, connect, hearing
from projections.engine.items import FeedItem
from projections.engine.rebuild import rebuild
from projections.engine.runner import Runner
from projections.engine.store import ViewStore
from projections.engine.view import View

if TYPE_CHECKING:
    from tests.conftest import MemoryLog, NatsServer
    from tests.engine.conftest import Memory

NewView = Callable[..., View]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long for what does not come."""
    monkeypatch.setattr("projections.engine.arrivals.HEARTBEAT_S", 0.2)
    monkeypatch.setattr("projections.engine.consumer.REQUEST_TIMEOUT_S", 1.0)
    monkeypatch.setattr("projections.engine.runner.RETRY_WAIT_S", 0.02)


@asynccontextmanager
async def running(server: "NatsServer", runner: Runner) -> "AsyncIterator[asyncio.Task[None]]":
    """A runner at work, with a connection of its own."""
    client = await connect(server.broker.reader_url, "projections")
    task = asyncio.create_task(runner.run(StreamFeed(client)))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
        runner.close()
        await client.close()


async def until(directory: Path, position: int, *views: View) -> None:
    """Wait until views have reached a position, as their readers see them."""
    stores = [ViewStore(view, directory, reading=True) for view in views]
    async with asyncio.timeout(20):
        while min(store.position() for store in stores) < position:  # noqa: ASYNC110  # another task moves it
            await asyncio.sleep(0.01)
    for store in stores:
        store.close()


async def test_what_was_commanded_is_in_every_view(server: "NatsServer", tmp_path: Path) -> None:
    directory = tmp_path / "views"
    client = await connect_as_ledger(server.broker.ledger_url, "relay")
    with CaseLedger(Settings(data=tmp_path / "ledger"), in_memory=True) as ledger:
        relay = Relay(ledger, LedgerStream(client), source="https://pau.example/ledger", wait=asyncio.sleep)
        relaying = asyncio.create_task(relay.run())
        async with running(server, Runner(VIEWS, directory)):
            for command in commands.a_command_of_every_kind():
                ledger.execute(command, cast.stamp(command.occurred_at))
            await until(directory, ledger.head(), *VIEWS)
        relaying.cancel()
        await asyncio.wait([relaying])

        assert [ViewStore(view, directory, reading=True).parked() for view in VIEWS] == [[]] * len(VIEWS)
        assert {
            name: rebuilt.differing_tables
            for name, view in ((view.name, view) for view in VIEWS)
            if (rebuilt := rebuild(view, directory, LogFeed(ledger).read)).differing_tables
        } == {}
    await client.close()


async def test_views_that_stand_at_different_positions_all_reach_the_head(
    server: "NatsServer", log: "MemoryLog", tmp_path: Path, new_view: NewView
) -> None:
    await server.publish(log, 50)
    ahead, behind = new_view(name="ahead"), new_view(name="behind")
    store = ViewStore(ahead, tmp_path)
    store.apply(LogFeed(log).read(0, 30))
    store.close()

    async with running(server, Runner([ahead, behind], tmp_path)):
        await until(tmp_path, 50, ahead, behind)

    for view in (ahead, behind):
        rows = ViewStore(view, tmp_path, reading=True).open().execute("SELECT sum(events) FROM cases")
        assert rows.fetchone() == (50,)


async def test_readers_get_one_hint_a_page(server: "NatsServer", log: "MemoryLog", memory: "Memory") -> None:
    hints: list[int] = []
    client = await nats.connect(server.broker.reader_url)

    async def hear(message: nats.aio.msg.Msg) -> None:
        hints.append(int(message.data))

    await client.subscribe("hint.views", cb=hear)
    await client.flush()
    async with running(server, Runner([memory.view], memory.place)):
        for count in (1, 3, 1):
            await server.publish(log, count)
            await until(memory.place, log.head(), memory.view)
        async with asyncio.timeout(5):
            while not hints or hints[-1] < 5:  # noqa: ASYNC110  # another task moves it
                await asyncio.sleep(0.01)
    await client.close()

    assert hints == sorted(set(hints))
    assert len(hints) <= 5


async def test_whoever_listens_hears_that_the_views_moved_on(
    server: "NatsServer", log: "MemoryLog", memory: "Memory"
) -> None:
    heard = asyncio.Event()
    async with (
        running(server, Runner([memory.view], memory.place)),
        hearing(server.broker.reader_url, lambda _: heard.set()),
    ):
        async with asyncio.timeout(10):
            while not heard.is_set():
                await server.publish(log, 1)
                await asyncio.sleep(0.02)

    assert heard.is_set()


async def test_nobody_listens_where_there_is_no_server() -> None:
    async with hearing("nats://127.0.0.1:1", lambda _: None):
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("rounds", [3])
async def test_a_server_killed_again_and_again_costs_the_views_nothing(
    server: "NatsServer", log: "MemoryLog", memory: "Memory", rounds: int
) -> None:
    async with running(server, Runner([memory.view], memory.place)) as task:
        for _ in range(rounds):
            await server.publish(log, 700)
            server.kill()
            server.start()
        await server.publish(log, 10)
        await until(memory.place, log.head(), memory.view)

        assert not task.done()

    assert memory.seen() == list(range(1, log.head() + 1))
    assert memory.counted() == log.head()


async def test_a_view_is_rebuilt_while_the_runner_folds(
    server: "NatsServer", log: "MemoryLog", memory: "Memory"
) -> None:
    async with running(server, Runner([memory.view], memory.place)):
        for _ in range(4):
            await server.publish(log, 300)
            rebuilt = await asyncio.to_thread(rebuild, memory.view, memory.place, LogFeed(log).read)
            assert rebuilt.differing_tables == []
        await until(memory.place, log.head(), memory.view)

    assert memory.seen() == list(range(1, log.head() + 1))
    assert memory.counted() == log.head()


async def test_a_view_that_lost_its_place_is_fed_again_from_there(
    server: "NatsServer", log: "MemoryLog", memory: "Memory"
) -> None:
    await server.publish(log, 20)
    async with running(server, Runner([memory.view], memory.place)):
        await until(memory.place, 20, memory.view)
        memory.store.point_to("7-v1.db")
        await server.publish(log, 1)
        await until(memory.place, 21, memory.view)

    assert memory.seen() == list(range(1, 22))


async def test_a_case_that_one_view_cannot_digest_is_in_the_others(
    server: "NatsServer", log: "MemoryLog", tmp_path: Path, new_view: NewView
) -> None:
    picky, plain = new_view(refuses={3}, name="picky"), new_view(name="plain")

    async with running(server, Runner([picky, plain], tmp_path)):
        await server.publish(log, 40)
        await until(tmp_path, 40, picky, plain)

    (parked,) = ViewStore(picky, tmp_path, reading=True).parked()
    assert (parked.position, parked.events) == (3, 4)
    assert ViewStore(plain, tmp_path, reading=True).parked() == []


async def test_a_runner_that_is_stopped_at_any_moment_leaves_whole_pages(
    server: "NatsServer", log: "MemoryLog", memory: "Memory"
) -> None:
    await server.publish(log, 1_000)

    for moment in range(12):
        runner = Runner([memory.view], memory.place)
        async with running(server, runner) as task:
            await asyncio.sleep(moment * 0.004)
        assert task.cancelled()
        assert memory.counted() == len(memory.seen()) == memory.store.position()


def test_a_runner_is_closed_once_the_page_that_it_folds_is_written(memory: "Memory", events: list[FeedItem]) -> None:
    folding, go_on = threading.Event(), threading.Event()

    def project(db: Connection, event: PublishedEvent) -> None:
        memory.view.project(db, event)
        folding.set()
        go_on.wait(10)

    runner = Runner([replace(memory.view, project=project)], memory.place)
    others = [
        threading.Thread(target=runner.fold, args=(events,), daemon=True),
        threading.Thread(target=runner.close, daemon=True),
    ]
    others[0].start()
    folding.wait()
    others[1].start()
    others[1].join(0.05)
    assert others[1].is_alive()

    go_on.set()
    for other in others:
        other.join()

    assert memory.seen() == list(range(1, 41))
