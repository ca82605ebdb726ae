"""The floor of an end-to-end path: the fewest parts that could do it, in three processes, without HTTP or rules.

A writer commits to SQLite and publishes to JetStream, a projector folds what comes into a view and tells a reader
over a socket. Nothing is sealed, decided or repeated: it says what the machine allows, and is no product.
"""

import asyncio
import multiprocessing
import sqlite3
import time
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import nats
import uvloop
from nats.aio.msg import Msg
from nats.js.api import StorageType

from bench import servers
from bench.clients import Figures, milliseconds
from bench.contacts import FIELDS
from bench.servers import LOOPBACK

CASES, WARM_UP_SHARE = 300, 0.2
SETTLE_S, TIMEOUT_S = 0.3, 30.0
_UPSERT = "INSERT INTO v VALUES (?, 1) ON CONFLICT(case_id) DO UPDATE SET contacts = contacts + 1"
_spawn = multiprocessing.get_context("spawn")


def floor(*, seconds: float, rate: int) -> Figures:
    """Return the median and the 99th percentile, in milliseconds, from when a write is due until the reader has it."""
    count = int(rate * seconds * (1 + WARM_UP_SHARE))
    with servers.scratch() as folder, servers.nats() as url:
        port = servers.free_port()
        ours, theirs = _spawn.Pipe()
        projector = _spawn.Process(target=_project, args=(url, port, folder / "view.db", theirs), daemon=True)
        reader = _spawn.Process(target=_read, args=(port, count, theirs), daemon=True)
        projector.start()
        try:
            _told(ours)
            reader.start()
            time.sleep(SETTLE_S)
            uvloop.run(_write(url, folder / "log.db", count, rate))
            latencies = _told(ours)
        finally:
            for process in (projector, reader):
                if process.pid:
                    process.terminate()
                    process.join()
    figures = milliseconds(latencies[int(count * WARM_UP_SHARE / (1 + WARM_UP_SHARE)) :])
    return {"value": figures["p50_ms"], **figures}


def _told(pipe: Connection) -> list[float]:
    if not pipe.poll(TIMEOUT_S):
        raise RuntimeError("the other process says nothing")
    told: list[float] = pipe.recv()
    return told


def _project(url: str, port: int, view: Path, ready: Connection) -> None:
    uvloop.run(_projecting(url, port, view, ready))


async def _projecting(url: str, port: int, view: Path, ready: Connection) -> None:
    database = _open(view, "CREATE TABLE v(case_id TEXT PRIMARY KEY, contacts INTEGER)", "CREATE TABLE p(position)")
    database.execute("INSERT INTO p VALUES (0)")
    readers: list[asyncio.StreamWriter] = []
    arrived: asyncio.Queue[bytes] = asyncio.Queue()

    async def welcome(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        readers.append(writer)

    async def arrive(message: Msg) -> None:
        arrived.put_nowait(message.data)

    async with await asyncio.start_server(welcome, LOOPBACK, port):
        client = await nats.connect(url)
        await client.jetstream().add_stream(name="E", subjects=["e.>"], storage=StorageType.FILE)
        await client.jetstream().subscribe("e.>", ordered_consumer=True, cb=arrive)
        ready.send([])
        while True:
            page = [await arrived.get()]
            while not arrived.empty():
                page.append(arrived.get_nowait())
            _fold(database, page)
            for writer in readers:
                writer.write(b"".join(b"data: %s\n\n" % data for data in page))


def _fold(database: sqlite3.Connection, page: list[bytes]) -> None:
    events = [msgspec.json.decode(data) for data in page]
    database.execute("BEGIN IMMEDIATE")
    database.executemany(_UPSERT, [(event["case"],) for event in events])
    database.execute("UPDATE p SET position = ?", (events[-1]["rank"],))
    database.execute("COMMIT")


def _read(port: int, count: int, done: Connection) -> None:
    uvloop.run(_reading(port, count, done))


async def _reading(port: int, count: int, done: Connection) -> None:
    reader, _ = await asyncio.open_connection(LOOPBACK, port)
    latencies: list[float] = []
    while len(latencies) < count:
        line = await reader.readline()
        if line.startswith(b"data: "):
            # The clock is the machine's, the same in every process.
            latencies.append(time.monotonic() - msgspec.json.decode(line[6:])["due"])
    done.send(latencies)


async def _write(url: str, log: Path, count: int, rate: int) -> None:
    database = _open(log, "CREATE TABLE e(id INTEGER PRIMARY KEY, state BLOB)")
    client = await nats.connect(url)
    context = client.jetstream(publish_async_max_pending=1024)
    queue: asyncio.Queue[tuple[int, float]] = asyncio.Queue()
    writing = asyncio.create_task(_commit(database, queue, context.publish_async, count))
    started = time.monotonic() + SETTLE_S
    for rank in range(count):
        due = started + rank / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        queue.put_nowait((rank, due))
    await writing
    await context.publish_async_completed()
    await client.close()


async def _commit(database: sqlite3.Connection, queue: asyncio.Queue[tuple[int, float]], publish, count: int) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    done = 0
    while done < count:
        group = [await queue.get()]
        while not queue.empty():
            group.append(queue.get_nowait())
        states = [
            msgspec.json.encode({**FIELDS, "case": f"case-{rank % CASES}", "rank": rank, "due": due})
            for rank, due in group
        ]
        await asyncio.to_thread(_append, database, states)
        for (rank, _), state in zip(group, states, strict=True):
            await publish("e.a", state, headers={"Nats-Msg-Id": str(rank)})
        done += len(group)


def _append(database: sqlite3.Connection, states: list[bytes]) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.executemany("INSERT INTO e(state) VALUES (?)", [(state,) for state in states])
    database.execute("COMMIT")


def _open(path: Path, *tables: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", *tables):
        database.execute(statement)
    return database
