"""`labkit rebuild`: views folded again from the first event, from the ledger's log or from the stream alone."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from labkit.answers import RebuiltView
from labkit.broker import reader_url
from labkit.failures import NatsUnreachable, RebuildFailed, UnknownView
from labkit.instance import find_instance
from ledger.application import ReadOnlyLog
from ledger.publishing.feed import LogFeed
from ledger.settings import read_settings
from projections import VIEWS
from projections.engine.consumer import StreamDoubt, StreamReader, StreamUnreachable
from projections.engine.rebuild import Read, RebuildInterrupted
from projections.engine.rebuild import rebuild as fold_anew

Source = Literal["log", "stream"]


def rebuild(data: Path, names: Sequence[str], source: Source) -> list[RebuiltView]:
    """Rebuild the views named, or all of them when none is.

    Raises:
        LabkitFailure: a name is no view's, the stream cannot be read, or it holds less than the live view.
    """
    known = {view.name: view for view in VIEWS}
    for name in names:
        if name not in known:
            raise UnknownView(name=name, known=", ".join(known))
    try:
        with _feed(data, source) as read:
            return [_rebuilt(data, name, read) for name in names or known]
    except StreamUnreachable as error:
        raise NatsUnreachable(url=_stream_url(data).rpartition("@")[2]) from error
    except (RebuildInterrupted, StreamDoubt) as error:
        raise RebuildFailed(reason=error) from error


def _rebuilt(data: Path, name: str, read: Read) -> RebuiltView:
    view = next(view for view in VIEWS if view.name == name)
    done = fold_anew(view, data / "views", read)
    return RebuiltView(
        name=name,
        events=done.position,
        position=done.position,
        seconds=done.seconds,
        identical=not done.differing_tables,
    )


@contextmanager
def _feed(data: Path, source: Source) -> Iterator[Read]:
    if source == "log":
        log = ReadOnlyLog(replace(read_settings(os.environ), data=data))
        try:
            yield LogFeed(log).read
        finally:
            log.close()
        return
    with StreamReader(_stream_url(data)) as stream:
        yield stream.read


def _stream_url(data: Path) -> str:
    return os.environ.get("NATS_URL") or reader_url(data, find_instance(data).nats_url)
