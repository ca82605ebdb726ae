"""What an acknowledgement means here: of the ledger to who commands, and of the NATS server to the relay."""

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec
import nats.errors
from msgspec import Struct

from labkit.broker import operator_url
from ledger.publishing.jetstream import NatsUnreachable, connect
from ledger.settings import Settings

REQUEST_TIMEOUT_S = 2.0
Kept = Literal["disk", "page-cache", "unknown"]


class Acknowledgement(Struct, frozen=True, kw_only=True):
    """Where something is once it is acknowledged: on disk, or in memory that a power cut empties."""

    store: Literal["sqlite", "postgresql"]
    ledger: Kept
    stream: Kept


class _JetStream(Struct):
    sync_always: bool = False


class _Holder(Struct):
    config: _JetStream = msgspec.field(default_factory=_JetStream)


class _Variables(Struct):
    jetstream: _Holder = msgspec.field(default_factory=_Holder)


class _Told(Struct):
    data: _Variables = msgspec.field(default_factory=_Variables)


async def acknowledgement(settings: Settings) -> Acknowledgement:
    """Return what both mean.

    The ledger sets `synchronous=FULL` on SQLite itself, and refuses a PostgreSQL whose `fsync` or
    `synchronous_commit` is off: what it acknowledged is on disk.
    """
    store: Literal["sqlite", "postgresql"] = "postgresql" if settings.database_url else "sqlite"
    return Acknowledgement(store=store, ledger="disk", stream=await _of_the_stream(settings))


async def _of_the_stream(settings: Settings) -> Kept:
    url = urlsplit(settings.nats_url or "")
    credentials = settings.data / "nats" / "credentials.json"
    if url.username != "ledger" or not _is_ours(credentials, url.password or ""):
        # Somebody else's server tells its settings to its own operator alone.
        return "unknown"
    try:
        client = await connect(operator_url(settings.data, url.netloc.rpartition("@")[2]), "labkit-status")
    except NatsUnreachable:
        return "unknown"
    try:
        answer = await client.request("$SYS.REQ.SERVER.PING.VARZ", b"", timeout=REQUEST_TIMEOUT_S)
        always = msgspec.json.decode(answer.data, type=_Told).data.jetstream.config.sync_always
    except (nats.errors.Error, TimeoutError, msgspec.DecodeError):
        return "unknown"
    finally:
        await client.close()
    return "disk" if always else "page-cache"


def _is_ours(credentials: Path, password: str) -> bool:
    try:
        kept: dict[str, str] = msgspec.json.decode(credentials.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return False
    return bool(password) and kept.get("ledger") == password
