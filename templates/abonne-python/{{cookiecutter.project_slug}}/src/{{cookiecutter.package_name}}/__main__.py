"""Follow the stream that NATS_URL names and keep the view in ./data, until interrupted."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from projections.engine.consumer import StreamFeed, connect
from projections.engine.runner import Runner

from {{ cookiecutter.package_name }}.work import VIEW

DATA = Path("data")
NATS_URL = "nats://127.0.0.1:4222"


async def main() -> None:
    """Fold every event of the stream, then those that come."""
    client = await connect(os.environ.get("NATS_URL", NATS_URL), VIEW.name)
    await Runner([VIEW], DATA).run(StreamFeed(client))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
