"""The line between a subscriber and the server: it passes everything on, but loses and repeats what it is told to.

It reads the protocol of NATS only as far as it takes to know one message from the next, and never changes one.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from labkit.broker import LOOPBACK
from projections.engine.arrivals import place_of

_PIECE_BYTES = 65_536
_DELIVERED = b"$JS.ACK."
_LINE_MAX_BYTES = 1_048_576


class Faults:
    """What happens on the line to the messages at some positions: each is lost, or comes again, once."""

    def __init__(self, *, lost: frozenset[int] = frozenset(), again: Mapping[int, int] | None = None) -> None:
        """Lose the first delivery of some positions; `again` says after which position another is repeated."""
        self.delivered = 0
        self._lost = set(lost)
        self._again = dict(again or {})
        self._kept: dict[int, bytes] = {}
        self._repeated = set(self._again.values())

    def passed(self, position: int, frame: bytes) -> list[bytes]:
        """Return what the subscriber gets in the place of a message."""
        if position in self._lost:
            self._lost.remove(position)
            return []
        self.delivered = max(self.delivered, position)
        if position in self._repeated:
            self._kept[position] = frame
        repeated = self._kept.get(self._again.pop(position, 0))
        return [frame] if repeated is None else [frame, repeated]


class Line:
    """A place on this machine where the server seems to be; `faults` may be changed at any time."""

    def __init__(self, server_url: str) -> None:
        """Lead to a server."""
        self.faults = Faults()
        self.url = ""
        self._server = urlsplit(server_url)
        self._writers: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Line"]:
        """Answer for as long as the context lasts."""
        listening = await asyncio.start_server(self._meet, LOOPBACK, 0)
        self.url = f"nats://{LOOPBACK}:{listening.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            listening.close()
            for writer in list(self._writers):
                writer.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            found = await asyncio.open_connection(self._server.hostname, self._server.port, limit=_LINE_MAX_BYTES)
            from_server, to_server = found
            self._writers |= {writer, to_server}
            ways = [
                asyncio.ensure_future(_pass_on(reader, to_server)),
                asyncio.ensure_future(self._deliver(from_server, writer)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                for ended in (writer, to_server):
                    ended.close()
                    self._writers.discard(ended)

    async def _deliver(self, server: asyncio.StreamReader, subscriber: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                line = await server.readuntil(b"\r\n")
                frames = [line]
                if line.startswith((b"MSG ", b"HMSG ")):
                    frame = line + await server.readexactly(int(line.split()[-1]) + 2)
                    position = _position_in(line)
                    frames = self.faults.passed(position, frame) if position else [frame]
                subscriber.writelines(frames)
                await subscriber.drain()


def _position_in(line: bytes) -> int:
    """Return the position of the event that a consumer delivers, 0 for any other message."""
    reply = next((token for token in line.split() if token.startswith(_DELIVERED)), None)
    return place_of(reply.decode())[0] if reply else 0


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
