"""Follow the stream of a ledger and keep the view in ./data; with `rows`, say who waits, in JSON."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
from projections.engine.consumer import StreamFeed, access_in, connect
from projections.engine.runner import Runner
from projections.engine.store import ViewStore
from projections.inbox import InboxQuery

from {{ cookiecutter.package_name }}.inbox import VIEW, rows

DATA = Path("data")


async def follow() -> None:
    """Fold every event of the stream, then those that come."""
    access = access_in(os.environ)
    client = await connect(access, VIEW.name)
    await Runner([VIEW], DATA).run(StreamFeed(client, access))


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
