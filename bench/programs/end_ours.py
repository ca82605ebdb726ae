"""From end to end in `labkit up`: a command is posted at a fixed rate, and a reader of the event stream sees its event.

Latencies count from the moment at which a command was due, so one that had to wait is not forgiven.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import msgspec
import uvloop

from bench.clients import Figures, milliseconds
from bench.contacts import CASES, SUMMARY, a_publication, a_registration, an_opening
from bench.instance import running
from bench.servers import LOOPBACK
from ledger.domain.identifiers import CaseId
from ledger.store.identities import new_id

WRITERS = 16
SETTLE_S = 1.0
TIMEOUT_S = 30.0
WARM_UP_SHARE = 0.2
_POSITION = re.compile(rb"ledger-position: (\d+)", re.IGNORECASE)
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_BODY = '{"channel":"telephone","direction":"in","summary":"' + SUMMARY + '"}'
_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def post_to_sse(*, seconds: float, rate: int) -> Figures:
    """Return the median and the 99th percentile, in milliseconds, from the POST to the event stream."""
    with running() as instance:
        figures = uvloop.run(_measured(urlsplit(instance.url).port or 80, rate, seconds))
        return {"value": figures["p50_ms"], **figures}


async def _measured(port: int, rate: int, seconds: float) -> Figures:
    cases = [CaseId(new_id()) for _ in range(CASES)]
    setup = await asyncio.open_connection(LOOPBACK, port)
    before = await _post(
        setup, "/commands", msgspec.json.encode([a_registration(), a_publication(), *map(an_opening, cases)])
    )
    await asyncio.sleep(SETTLE_S)
    count = int(rate * seconds * (1 + WARM_UP_SHARE))
    seen: dict[int, float] = {}
    reading = asyncio.create_task(_read(port, before, before + count, seen))
    await asyncio.sleep(SETTLE_S)
    posted = await _post_all(port, cases, count, rate)
    await asyncio.wait_for(reading, TIMEOUT_S)
    counting = posted[int(count * WARM_UP_SHARE / (1 + WARM_UP_SHARE)) :]
    return milliseconds([seen[position] - due for position, due in counting])


async def _post_all(port: int, cases: list[CaseId], count: int, rate: int) -> list[tuple[int, float]]:
    """Post at the rate, over so many connections; return the position of each command and when it was due."""
    connections: asyncio.Queue[_Streams] = asyncio.Queue()
    for _ in range(WRITERS):
        connections.put_nowait(await asyncio.open_connection(LOOPBACK, port))
    started = time.perf_counter() + 0.1

    async def post(rank: int) -> tuple[int, float]:
        due = started + rank / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        connection = await connections.get()
        position = await _post(connection, f"/cases/{cases[rank % CASES]}/interactions", _BODY.encode())
        connections.put_nowait(connection)
        return position, due

    return list(await asyncio.gather(*[post(rank) for rank in range(count)]))


async def _post(connection: _Streams, path: str, body: bytes) -> int:
    reader, writer = connection
    head = f"POST {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    writer.write(head.encode() + b"\r\n\r\n" + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    position, length = _POSITION.search(answer), _LENGTH.search(answer)
    if position is None or length is None:
        raise RuntimeError(answer.decode(errors="replace"))
    await reader.readexactly(int(length[1]))
    return int(position[1])


async def _read(port: int, after: int, until: int, seen: dict[int, float]) -> None:
    """Follow the event stream, and take note of when each event was there."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(f"GET /events?since={after} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode())
    async for line in _lines(reader):
        if line.startswith(b"id: "):
            seen[int(line[4:])] = time.perf_counter()
            if until in seen:
                break
    writer.close()


async def _lines(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while line := await reader.readline():
        yield line
