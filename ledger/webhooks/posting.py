"""One attempt: a POST over a connection of its own, and what was answered. No redirection is followed.

Everything together, from the name to the last byte, takes ten seconds at most, however slowly the other side drips;
of an answer the status alone is believed, and a few kilobytes are read for courtesy.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from ledger.webhooks.address import PORTS, resource

TIMEOUT_S = 10.0
HEAD_SIZE_MAX_BYTES = 16_384
REST_SIZE_MAX_BYTES = 4_096
REST_TIMEOUT_S = 0.5
INTERIM_MAX = 5
_GONE = 410
_SUCCESS = range(200, 300)
_INTERIM = range(100, 200)
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r]")


class Reply(Struct, frozen=True):
    """How an attempt ended: a status, or why there is none (`timeout`, `tls`, `unreachable`, `no-http`)."""

    outcome: str

    @property
    def accepted(self) -> bool:
        """Tell whether the receiver has it."""
        return self.outcome.isdecimal() and int(self.outcome) in _SUCCESS

    @property
    def gone(self) -> bool:
        """Tell whether the receiver wants no more."""
        return self.outcome == str(_GONE)


async def post(url: str, body: bytes, *, headers: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> Reply:
    """Attempt one delivery; whatever the other side does, nothing is raised."""
    try:
        async with asyncio.timeout(timeout_s):
            return Reply(str(await _exchange(urlsplit(url), body, headers)))
    except TimeoutError:
        return Reply("timeout")
    except ssl.SSLError:
        return Reply("tls")
    except (OSError, UnicodeError):  # A name that cannot be one is a UnicodeError.
        return Reply("unreachable")
    except (ValueError, EOFError, asyncio.LimitOverrunError):
        return Reply("no-http")


async def _exchange(parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> int:
    secure = _certificates() if parts.scheme == "https" else None
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port or PORTS[parts.scheme], ssl=secure, limit=HEAD_SIZE_MAX_BYTES
    )
    try:
        writer.write(_head(parts, {**headers, "Content-Length": str(len(body))}) + body)
        await writer.drain()
        status = await _status(reader)
        # Who closes before the answer is read whole looks to some servers like a failure.
        with suppress(TimeoutError, OSError, EOFError):
            async with asyncio.timeout(REST_TIMEOUT_S):
                await reader.readexactly(REST_SIZE_MAX_BYTES)
        return status
    finally:
        writer.transport.abort()


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


def _head(parts: SplitResult, headers: Mapping[str, str]) -> bytes:
    fields = {"Host": parts.netloc, "Connection": "close", **headers}
    lines = [f"POST {resource(parts)} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode("ascii")


async def _status(reader: asyncio.StreamReader) -> int:
    for _ in range(INTERIM_MAX):
        found = _STATUS.match(await reader.readuntil(b"\r\n\r\n"))
        if found is None:
            break
        status = int(found[1])
        if status not in _INTERIM:
            return status
    raise ValueError("what answered does not speak HTTP/1.1")
