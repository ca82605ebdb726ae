"""Follow the stream of a ledger and keep the view in ./data; with `figures`, answer its queries, in JSON."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
from projections.engine.consumer import StreamFeed, access_in, connect
from projections.engine.runner import Runner
from projections.engine.store import ViewStore

from {{ cookiecutter.package_name }}.view import NAME, answers, read_sql, view_of

DATA = Path("data")


async def follow() -> None:
    """Fold every event of the stream, then those that come."""
    access = access_in(os.environ)
    client = await connect(access, NAME)
    await Runner([view_of(read_sql())], DATA).run(StreamFeed(client, access))


def show() -> None:
    """Write the rows of each query, and up to which position of the ledger."""
    store = ViewStore(view_of(read_sql()), DATA, reading=True)
    print(msgspec.json.encode({"position": store.position(), **answers(store.open())}).decode())


if __name__ == "__main__":
    if sys.argv[1:] == ["figures"]:
        show()
    else:
        with suppress(KeyboardInterrupt):
            asyncio.run(follow())
