"""What an update must do in a project beyond the templates' own changes, one migration for each such release.

A migration changes what the team wrote: a name that the kit no longer knows, a setting that moved. It returns the files
that it changed or made, and may run twice: an update that was stopped runs it again.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from labkit.scaffold.kit import is_newer


class Migration(Struct, frozen=True):
    """What the projects of any earlier kit need in order to run on this one."""

    kit: str
    title: str
    apply: Callable[[Path], list[Path]]


MIGRATIONS: tuple[Migration, ...] = ()


def due(migrations: Sequence[Migration], *, since: str, to: str) -> tuple[Migration, ...]:
    """Return those that a project needs to come from one kit to another, in their order."""
    return tuple(one for one in migrations if is_newer(one.kit, since) and not is_newer(one.kit, to))
