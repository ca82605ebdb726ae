"""Follow the stream that NATS_URL names and keep the view in ./data; with `rows`, say who waits, in JSON."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
from projections.engine.consumer import StreamFeed, connect
from projections.engine.runner import Runner
from projections.engine.store import ViewStore
from projections.inbox import InboxQuery

from {{ cookiecutter.package_name }}.inbox import VIEW, rows

DATA = Path("data")
NATS_URL = "nats://127.0.0.1:4222"


async def follow() -> None:
    """Fold every event of the stream, then those that come."""
    client = await connect(os.environ.get("NATS_URL", NATS_URL), VIEW.name)
    await Runner([VIEW], DATA).run(StreamFeed(client))


def show() -> None:
    """Write the first page of the inbox."""
    store = ViewStore(VIEW, DATA, reading=True)
    for row in rows(store.open(), InboxQuery()).rows:
        print(msgspec.json.encode(row).decode())


if __name__ == "__main__":
    if sys.argv[1:] == ["rows"]:
        show()
    else:
        with suppress(KeyboardInterrupt):
            asyncio.run(follow())
