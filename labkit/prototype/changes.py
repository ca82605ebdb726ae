"""Tells open pages when the project on disk changed, so that they reload and keep what was typed.

A page knows of which run it is and how old what it shows was, so that nothing is missed before it listens.
"""

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


def run_of(folder: Path) -> str:
    """Return which run of the prototype this is, and how old what its pages show is."""
    files = [*folder.glob("*"), *(folder / "src").rglob("*")]
    newest = max((file.stat().st_mtime_ns for file in files if file.suffix in SHOWN), default=0)
    return f"{_RUN} {newest}"


async def changes_of(folder: Path) -> AsyncIterator[ServerSentEventMessage]:
    """Say which run this is, then each change of what pages show; code makes a new run of its own."""
    yield ServerSentEventMessage(data=run_of(folder), event="run", retry=300)
    stop = asyncio.Event()
    with suppress(asyncio.CancelledError):
        async for changed in awatch(
            folder, watch_filter=_is_shown, stop_event=stop, rust_timeout=PULSE_MS, yield_on_timeout=True
        ):
            yield ServerSentEventMessage(data=str(len(changed)), event="changed" if changed else "pulse")


def _is_shown(_: Change, path: str) -> bool:
    return path.endswith(SHOWN) and "/.collectivilab/" not in path
