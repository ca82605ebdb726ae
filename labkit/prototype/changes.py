"""Tells open pages when the project on disk changed, so that they reload and keep what was typed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from litestar.response import ServerSentEventMessage
from watchfiles import Change, awatch

SHOWN = (".html", ".toml", ".css", ".svg")
PULSE_MS = 5_000
_RUN = uuid4().hex


async def changes_of(folder: Path) -> AsyncIterator[ServerSentEventMessage]:
    """Say which run this is and of what age, then each change of what pages show; code makes a new run of its own."""
    yield ServerSentEventMessage(data=f"{_RUN} {_newest(folder)}", event="run", retry=300)
    stop = asyncio.Event()
    with suppress(asyncio.CancelledError):
        async for changed in awatch(
            folder, watch_filter=_is_shown, stop_event=stop, rust_timeout=PULSE_MS, yield_on_timeout=True
        ):
            yield ServerSentEventMessage(data=str(len(changed)), event="changed" if changed else "pulse")


def _newest(folder: Path) -> int:
    # A page that was hidden meanwhile was told nothing: by this it knows that it is out of date.
    files = [*folder.glob("*"), *(folder / "src").rglob("*")]
    return max((file.stat().st_mtime_ns for file in files if file.suffix in SHOWN), default=0)


def _is_shown(_: Change, path: str) -> bool:
    return path.endswith(SHOWN) and "/.collectivilab/" not in path
