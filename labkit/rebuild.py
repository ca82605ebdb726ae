"""`labkit rebuild`: views folded again from the first event, from the ledger's log or from the stream alone.

Many views are shared out among as many processes as there are cores; each process reads every event once.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from labkit.answers import RebuiltView
from labkit.broker import reader_url
from labkit.failures import NatsUnreachable, RebuildFailed, UnknownView
from labkit.instance import find_instance
from labkit.rebuild_share import Share, ShareInterrupted, Source, fold_share, fold_shares, head_of_the_log
from projections import VIEWS
from projections.engine.consumer import StreamDoubt, StreamUnreachable
from projections.engine.place import ViewsUnreachable
from projections.engine.rebuild import RebuildInterrupted, Rebuilt

WORTH_SHARING_EVENTS = 50_000
"""Below, starting another process takes longer than the folding that it would save."""

Hears = Callable[[int, int], None]


def rebuild(
    data: Path, names: Sequence[str], source: Source, *, on_progress: Hears = lambda _, __: None
) -> list[RebuiltView]:
    """Rebuild the views named, or all of them when none is.

    Raises:
        LabkitFailure: a name is no view's, the stream cannot be read, or it holds less than the live view.
    """
    known = [view.name for view in VIEWS]
    for name in names:
        if name not in known:
            raise UnknownView(name=name, known=", ".join(known))
    chosen = list(dict.fromkeys(names)) or known
    try:
        done = _folded(data, chosen, source, on_progress)
    except StreamUnreachable as error:
        raise NatsUnreachable(url=_stream_url(data).rpartition("@")[2]) from error
    except (RebuildInterrupted, ShareInterrupted, StreamDoubt, ViewsUnreachable) as error:
        raise RebuildFailed(reason=error) from error
    return sorted(map(_told, done), key=lambda view: chosen.index(view.name))


def _folded(data: Path, chosen: Sequence[str], source: Source, on_progress: Hears) -> list[Rebuilt]:
    if source == "stream":
        return fold_share(Share(data=data, names=chosen, stream_url=_stream_url(data)), on_progress)
    head = head_of_the_log(data)
    processes = min(cores(), len(chosen)) if head >= WORTH_SHARING_EVENTS else 1
    shares = [Share(data=data, names=chosen[first::processes], until=head) for first in range(processes)]
    return fold_shares(shares, on_progress) if processes > 1 else fold_share(shares[0], on_progress)


def cores() -> int:
    """Return how many processes may run at once."""
    return len(os.sched_getaffinity(0))


def _told(done: Rebuilt) -> RebuiltView:
    return RebuiltView(
        name=done.view,
        events=done.position,
        position=done.position,
        seconds=done.seconds,
        identical=not done.differing_tables,
    )


def _stream_url(data: Path) -> str:
    return os.environ.get("NATS_URL") or reader_url(data, find_instance(data).nats_url)
