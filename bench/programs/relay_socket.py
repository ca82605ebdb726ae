"""The limit of publishing: one raw socket, frames made beforehand, so many messages not acknowledged yet."""

import asyncio
import socket
from urllib.parse import urlsplit

import nats
from nats.js.api import StorageType

from bench import servers
from bench.clients import Clock, Figures
from bench.contacts import PAYLOAD

STREAM, SUBJECT = "P", "p.a"
_MARK = b'"seq":'
"""What each acknowledgement holds once."""


def limit(*, seconds: float, window: int, sync: str = "default") -> Figures:
    """Return messages a second that the server stores and acknowledges."""
    with servers.nats(sync) as url:
        asyncio.run(make_stream(url))
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port)) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _greet(wire)
            return _publish(wire, window, seconds)


async def make_stream(url: str) -> None:
    """Make the stream that the peers' rows publish to."""
    client = await nats.connect(url)
    await client.jetstream().add_stream(name=STREAM, subjects=["p.>"], storage=StorageType.FILE)
    await client.close()


def _greet(wire: socket.socket) -> None:
    wire.recv(65536)
    wire.sendall(b'CONNECT {"verbose":false,"pedantic":false,"headers":true}\r\nSUB _I.* 1\r\nPING\r\n')
    while b"PONG" not in wire.recv(65536):
        pass


def _publish(wire: socket.socket, window: int, seconds: float) -> Figures:
    half = max(1, window // 2)
    frame = b"PUB %s _I.1 %d\r\n%s\r\n" % (SUBJECT.encode(), len(PAYLOAD), PAYLOAD) * half
    clock, sent, acknowledged, cut = Clock(seconds), 0, 0, b""
    counted = 0
    while clock.goes_on():
        wire.sendall(frame)
        sent += half
        while acknowledged < sent - (window - half):
            received = cut + wire.recv(1 << 20)
            fresh = received.count(_MARK)
            acknowledged += fresh
            # The end may hold half a mark, never a whole one: that would count twice.
            cut = received[-len(_MARK) + 1 :]
            counted += fresh if clock.counting() else 0
    return {"value": counted / seconds}
