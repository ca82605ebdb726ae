"""Every page in a real browser, where axe looks at it: by day and by night, on a telephone and on a desk.

The pages are those of the trial, served on this machine for as long as it takes. The browser opens `/_check`, which
opens each of them in a frame, and tells here what axe found.
"""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from litestar import MediaType, Response, get, post
from litestar.exceptions import NotFoundException
from msgspec import Struct

from labkit.broker import LOOPBACK
from labkit.checks.chromium import browse
from labkit.checks.visits import Address
from labkit.prototype.app import create_prototype
from labkit.prototype.rendering import HEADERS
from labkit.prototype.serving import Asked
from labkit.prototype.trying import Trial

STATIC = Path(__file__).parent / "static"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4")
WIDTHS = (320, 1280)
MODES = ("light", "dark")
BEGINNING_S = 30.0
EACH_VIEW_S = 3.0
STOPPING_S = 5.0
_FILES = ("axe.min.js", "check.js")
_SCRIPT = "text/javascript; charset=utf-8"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>labkit check</title>
<script type="module" src="/_check/check.js"></script></head><body><h1>labkit check</h1></body></html>
"""


class Violation(Struct, frozen=True, kw_only=True):
    """What axe says of one kind of fault on one page as it was shown once."""

    rule: str
    help: str
    description: str
    tags: tuple[str, ...]
    targets: tuple[str, ...]


class Seen(Struct, frozen=True, kw_only=True):
    """One page as it was shown once, and what axe found on it; `failed` says why it could not look."""

    path: str
    mode: str
    width: int
    violations: tuple[Violation, ...] = ()
    failed: str = ""


class Looked(Struct, frozen=True, kw_only=True):
    """What was seen, and why the browser stopped before it had seen all."""

    seen: list[Seen]
    stopped: str | None


def look(trial: Trial, addresses: Sequence[Address], *, chromium: str) -> Looked:
    """Let axe look at every page, in bounded time."""
    seen: list[Seen] = []
    done = threading.Event()
    paths = [address.path for address in addresses if not address.mistaken]
    plan = {"paths": paths, "widths": WIDTHS, "modes": MODES, "tags": TAGS}
    views = len(paths) * len(WIDTHS) * len(MODES)
    with _served(trial, _routes(plan, seen, done)) as url:
        timeout_s = BEGINNING_S + views * EACH_VIEW_S
        stopped = browse(chromium, f"{url}/_check", until=done, timeout_s=timeout_s)
    return Looked(seen=seen, stopped=stopped)


def _routes(plan: dict[str, Any], seen: list[Seen], done: threading.Event) -> list[Any]:
    @get("/_check", sync_to_thread=False, media_type=MediaType.HTML)
    def page() -> Response[str]:
        """Open the page that opens the others."""
        return Response(_PAGE, media_type=MediaType.HTML, headers=HEADERS)

    @get("/_check/plan.json", sync_to_thread=False)
    def read_plan() -> dict[str, Any]:
        """Say which pages to look at, and how."""
        return plan

    @get("/_check/{name:str}", sync_to_thread=False)
    def file(request: Asked) -> Response[bytes]:
        """Return axe, or what drives it."""
        name = request.path_params["name"]
        if name not in _FILES:
            raise NotFoundException
        return Response((STATIC / name).read_bytes(), media_type=_SCRIPT)

    @post("/_check/seen", status_code=204)
    async def take(request: Asked) -> None:
        """Take note of one page as it was shown once."""
        seen.append(msgspec.json.decode(await request.body(), type=Seen))

    @post("/_check/done", status_code=204, sync_to_thread=False)
    def end() -> None:
        """Take note that all was seen."""
        done.set()

    return [page, read_plan, file, take, end]


@contextmanager
def _served(trial: Trial, routes: list[Any]) -> Iterator[str]:
    """Serve a prototype on a free port; its mailboxes and the like stay with the trial."""
    app = create_prototype(trial.prototype, also=routes)
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind((LOOPBACK, 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(STOPPING_S)
