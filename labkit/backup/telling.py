"""What a person sees while a backup or a restoration goes on: which file, and how far."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from labkit.backup.copying import Progress as Hears
from labkit.verbs.frame import Frame


@contextmanager
def telling(frame: Frame, working: str) -> Iterator[Hears]:
    """Show one bar for whatever is being copied, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    hidden = frame.as_json or not frame.aside.is_terminal or not frame.console.is_terminal
    with Progress(*columns, console=frame.aside, transient=True, disable=hidden) as progress:
        task = progress.add_task(working, total=None)

        def hear(name: str, done: int, total: int) -> None:
            progress.update(task, description=f"{working} {name}", completed=done, total=total)

        yield hear
