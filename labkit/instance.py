"""Where the instance of a data directory answers: the file `run.json` that `labkit up` writes there."""

from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from labkit.failures import NothingRunning

RUN_FILE = "run.json"


class Instance(Struct, frozen=True, kw_only=True):
    """A running instance: its address, its process, its NATS server."""

    url: str
    pid: int
    nats_url: str | None = None
    started_at: datetime


def find_instance(data: Path) -> Instance:
    """Return the instance that runs on a data directory."""
    try:
        return msgspec.json.decode((data / RUN_FILE).read_bytes(), type=Instance)
    except (OSError, msgspec.DecodeError) as error:
        raise NothingRunning(where=data) from error
