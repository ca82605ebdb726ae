"""The identifiers that are made here: new ones, and those of events, which follow from their command.

New ones are UUIDs of version 7 (RFC 9562), in the order in which they are made: what is recorded together lies
together in an index, on one page that is written once. A ledger takes any UUID; these cost it least.
"""

import os
import time
from hashlib import sha1
from uuid import UUID

import msgspec

_NANOSECONDS_A_MILLISECOND = 1_000_000


def new_id() -> UUID:
    """Return a new identifier: 48 bits of Unix milliseconds, then 74 random ones. It reveals when it was made."""
    raw = bytearray((time.time_ns() // _NANOSECONDS_A_MILLISECOND).to_bytes(6, "big") + os.urandom(10))
    return _stamped(raw, 0x70)


def event_id(command_id: UUID, rank: int) -> UUID:
    """Return the identifier of one event of a command: `uuid5(command_id, str(rank))`, in half the time."""
    return _stamped(bytearray(sha1(command_id.bytes + b"%d" % rank, usedforsecurity=False).digest()[:16]), 0x50)


def _stamped(raw: bytearray, version: int) -> UUID:
    raw[6] = raw[6] & 0x0F | version
    raw[8] = raw[8] & 0x3F | 0x80
    return msgspec.convert(raw, UUID)
