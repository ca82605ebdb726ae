"""The views that one process folds anew, and several such processes side by side, each telling how far it is."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from ledger.application import ReadOnlyLog
from ledger.publishing.feed import LogFeed
from ledger.settings import read_settings
from projections import VIEWS
from projections.engine.consumer import StreamDoubt, StreamUnreachable
from projections.engine.place import ViewsUnreachable, place_of
from projections.engine.rebuild import Read, RebuildInterrupted, Rebuilt, rebuild_together
from projections.engine.stream_reader import StreamReader

Source = Literal["log", "stream"]
Hears = Callable[[int, int], None]

_ENDS_IN_S = 5.0
_FAILURES = (RebuildInterrupted, StreamDoubt, StreamUnreachable, ViewsUnreachable)


class ShareInterrupted(Exception):
    """A process that folded some of the views is gone; their live generations stay."""


class Share(Struct, frozen=True, kw_only=True):
    """Some views, where their events come from (the log without an address), and where these end."""

    data: Path
    names: Sequence[str]
    stream_url: str | None = None
    until: int = 0


def head_of_the_log(data: Path) -> int:
    """Return the position of the last event of the ledger in a data directory."""
    with closing(_log(data)) as log:
        return log.head()


def fold_share(share: Share, on_progress: Hears) -> list[Rebuilt]:
    """Fold some views anew, in this process."""
    views = [view for view in VIEWS if view.name in share.names]
    place = place_of(share.data, os.environ.get("DATABASE_URL"))
    with _feed(share) as read, _without_looking_for_cycles():
        return rebuild_together(views, place, read, until=share.until, on_progress=on_progress)


def fold_shares(shares: Sequence[Share], on_progress: Hears) -> list[Rebuilt]:
    """Fold the views of all shares, each share in a process of its own; tell of the one that is furthest behind.

    Raises:
        ShareInterrupted: a process ended before it was done.
    """
    with ExitStack() as running:
        reached = {running.enter_context(_process(share)): (0, 0) for share in shares}
        done: list[Rebuilt] = []
        while reached:
            ready = wait(list(reached))
            for connection in [each for each in reached if each in ready]:
                match _told(connection):
                    case (int(position), int(target)):
                        reached[connection] = (position, target)
                        on_progress(*min(reached.values()))
                    case list(rebuilt):
                        done += rebuilt
                        del reached[connection]
                    case Exception() as error:
                        raise error
        return done


def _told(connection: Connection) -> object:
    try:
        return connection.recv()
    except (EOFError, OSError):
        return ShareInterrupted("A process that folded some of the views ended; run it again.")


@contextmanager
def _process(share: Share) -> Iterator[Connection]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(share, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        # It has nobody to tell any more, and ends by itself.
        process.join(_ENDS_IN_S)
        if process.is_alive():
            process.terminate()


def _run(share: Share, told_to: Connection) -> None:
    try:
        told_to.send(fold_share(share, lambda position, target: told_to.send((position, target))))
    except _FAILURES as error:
        told_to.send(error)


@contextmanager
def _feed(share: Share) -> Iterator[Read]:
    if share.stream_url:
        with StreamReader(share.stream_url) as stream:
            yield stream.read
    else:
        with closing(_log(share.data)) as log:
            yield LogFeed(log).read


def _log(data: Path) -> ReadOnlyLog:
    return ReadOnlyLog(replace(read_settings(os.environ), data=data))


@contextmanager
def _without_looking_for_cycles() -> Iterator[None]:
    """Decoded events hold no cycles: looking for some among those of a page takes as long as the folding."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
