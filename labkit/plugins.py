"""Verbs that other packages bring: entry points of the group `labkit.verbs`, each a function `build(say)`.

They are looked for only when the kit has no verb of the name asked for, or when all verbs are listed. None takes the
place of a verb of the kit, and one that cannot be loaded is named on standard error and left out.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import rich_click as click

from labkit.messages import Texts

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "labkit.verbs"


class Verbs(click.RichGroup):
    """The verbs of the kit, then those of plug-ins, by name."""

    def __init__(self, say: Texts, **given: Any) -> None:  # noqa: ANN401  # whatever click takes
        super().__init__(**given)
        self._say = say

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all verbs."""
        return [*super().list_commands(ctx), *self._plugged_in]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb by its name."""
        return super().get_command(ctx, cmd_name) or self._plugged_in.get(cmd_name)

    @cached_property
    def _plugged_in(self) -> dict[str, click.Command]:
        from importlib.metadata import entry_points  # noqa: PLC0415  # slow to import, and few runs need it

        loaded: dict[str, click.Command] = {}
        for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
            if entry.name in self.commands or entry.name in loaded:
                self._complain("plugin.taken", entry)
                continue
            try:
                loaded[entry.name] = _built(entry, self._say)
            except (Exception, SystemExit) as error:  # noqa: BLE001  # somebody else's code may fail in any way
                self._complain("plugin.broken", entry, reason=f"{type(error).__name__}: {error}")
        return loaded

    def _complain(self, key: str, entry: "EntryPoint", **details: object) -> None:
        package = entry.dist.name if entry.dist else entry.value
        click.echo(self._say(key, name=entry.name, package=package, **details), err=True)


def _built(entry: "EntryPoint", say: Texts) -> click.Command:
    verb = entry.load()(say)
    if not isinstance(verb, click.Command):
        raise TypeError(f"{entry.value} makes no command")
    verb.name = entry.name
    return verb
