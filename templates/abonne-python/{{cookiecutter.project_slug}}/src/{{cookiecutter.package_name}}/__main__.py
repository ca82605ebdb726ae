"""Follow the stream of a ledger and keep the view in ./data; with `figures`, say what it holds, in JSON."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
from projections.engine.consumer import StreamFeed, access_in, connect
from projections.engine.runner import Runner
from projections.engine.store import ViewStore

from {{ cookiecutter.package_name }}.work import VIEW, steps_by_activity

DATA = Path("data")


async def follow() -> None:
    """Fold every event of the stream, then those that come."""
    access = access_in(os.environ)
    client = await connect(access, VIEW.name)
    await Runner([VIEW], DATA).run(StreamFeed(client, access))


def show() -> None:
    """Write what was counted, and up to which position of the ledger."""
    store = ViewStore(VIEW, DATA, reading=True)
    counted = {"position": store.position(), "steps": steps_by_activity(store.open())}
    print(msgspec.json.encode(counted).decode())


if __name__ == "__main__":
    if sys.argv[1:] == ["figures"]:
        show()
    else:
        with suppress(KeyboardInterrupt):
            asyncio.run(follow())
