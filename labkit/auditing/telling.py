"""How far long work has come, as a person sees it; programs and pipes see nothing of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from labkit.verbs.frame import Frame

Hears = Callable[[int, int], None]


@contextmanager
def shown(frame: Frame, working: str) -> Iterator[Hears]:
    """Show one bar, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    hidden = frame.as_json or not frame.aside.is_terminal
    with Progress(*columns, console=frame.aside, transient=True, disable=hidden) as progress:
        task = progress.add_task(working, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
