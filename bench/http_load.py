"""A load generator for one address: so many connections kept alive, one request on the way in each.

Raw frames on an event loop of their own process, so that the server and not the client is what is measured.
"""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import cast

import uvloop

from bench.clients import Clock, Figures
from bench.servers import LOOPBACK

LAST_ANSWER_TIMEOUT_S = 30.0
_END_OF_HEAD = b"\r\n\r\n"


class Asked:
    """Requests that differ in their bodies and, where asked, their paths."""

    def __init__(self, next_request: Callable[[], tuple[str, bytes]]) -> None:
        """Take a function that makes the path and the body of the next request."""
        self._next_request = next_request

    def frame(self) -> bytes:
        """Return the next request as it goes over the wire."""
        path, body = self._next_request()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        )
        return head.encode() + _END_OF_HEAD + body


class _Connection(asyncio.Protocol):
    """Asks, waits for the whole answer, and asks again."""

    def __init__(self, asked: Asked, over: "asyncio.Future[None]") -> None:
        self._asked = asked
        self._over = over
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # a TCP connection has no other

    def start(self, clock: Clock) -> None:
        self._clock = clock
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(_END_OF_HEAD)
        if not found or len(body) < _length(head):
            return
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
            self._fail(self._received.decode(errors="replace"))
            return
        self._received = b""
        self._clock.count(self._asked_at)
        if self._clock.goes_on():
            self._ask()
        elif not self._over.done():
            self._over.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the connection was lost: {exc}")

    def _ask(self) -> None:
        self._asked_at = time.perf_counter()
        self._transport.write(self._asked.frame())

    def _fail(self, reason: str) -> None:
        if not self._over.done():
            self._over.set_exception(RuntimeError(reason))


def load(port: int, next_request: Callable[[], tuple[str, bytes]], *, connections: int, seconds: float) -> Figures:
    """Return requests a second, and how long they took.

    Raises:
        RuntimeError: an answer was no success.
    """
    return uvloop.run(_load(port, Asked(next_request), connections, seconds))


async def _load(port: int, asked: Asked, connections: int, seconds: float) -> Figures:
    loop = asyncio.get_running_loop()
    ends = [loop.create_future() for _ in range(connections)]
    made = [(await loop.create_connection(partial(_Connection, asked, over), LOOPBACK, port))[1] for over in ends]
    # Only now, so that the time that it takes to connect is nobody's.
    clock = Clock(seconds)
    for connection in made:
        connection.start(clock)
    async with asyncio.timeout(seconds + LAST_ANSWER_TIMEOUT_S):
        await asyncio.gather(*ends)
    return clock.figures()


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    if not found:
        raise RuntimeError("an answer does not say its length")
    return int(rest.partition(b"\r\n")[0])
