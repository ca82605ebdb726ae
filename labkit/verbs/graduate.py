"""`labkit graduate`: the list between this prototype and production, as a table or as a page to be ticked."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.graduate_tasks import NAMES, PHASES, Phase
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb

if TYPE_CHECKING:
    from rich.table import Table

    from labkit.graduate import Graduation

MARKS = {"done": ("✓", "green"), "open": ("✗", "bold red"), "unknown": ("?", "yellow"), "person": ("☐", "")}


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    folder, file = click.Path(file_okay=False, path_type=Path), click.Path(dir_okay=False, path_type=Path)
    return verb(
        say,
        "graduate",
        graduate,
        [
            click.Option(["--project"], type=folder, default=Path(), show_default=True, help=say("option.project")),
            click.Option(["--output"], type=file, help=say("graduate.output")),
            click.Option(["--phase"], type=click.Choice(PHASES), help=say("graduate.set-phase")),
        ],
    )


def graduate(frame: Frame, *, project: Path, output: Path | None, phase: Phase | None) -> ExitCode:
    """Show the list, write it down, or let a phase begin if nothing that was checked stands against it."""
    # What runs a prototype is loaded by this verb only: the others answer at once.
    from labkit.graduate import Graduate, markdown, set_phase  # noqa: PLC0415
    from labkit.publish.contents import Content  # noqa: PLC0415
    from labkit.publish.publishing import put_in_place  # noqa: PLC0415

    judge = Graduate(frame.say, folder=project, data=project / frame.data)
    with nullcontext() if frame.as_json else frame.aside.status(frame.say("graduate.looking")):
        graduation = judge.graduation()
    frame.answer(graduation)
    if output is not None:
        put_in_place(output.parent, [Content(place=output.name, data=markdown(graduation, frame.say).encode())])
        frame.write(frame.say("graduate.written", file=output))
    elif not frame.as_json:
        frame.console.print(_table(graduation, frame.say))
    if phase is None:
        return ExitCode.OK
    against = graduation.open_until(phase)
    for item in against:
        frame.write(frame.say("graduate.against", what=item.what))
    if against:
        frame.write(frame.say("graduate.stays", phase=graduation.phase))
        return ExitCode.FOUND
    set_phase(judge.project, phase)
    frame.write(frame.say("graduate.begins", phase=frame.say(NAMES[phase])))
    return ExitCode.OK


def _table(graduation: "Graduation", say: Texts) -> "Table":
    from rich import box  # noqa: PLC0415  # with the rest of this verb
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption=say("graduate.standing", phase=graduation.phase))
    for column in ("", say("graduate.what"), say("graduate.why"), say("graduate.who")):
        table.add_column(column, overflow="fold")
    for phase in PHASES[1:]:
        table.add_row("", Text(say("graduate.before", phase=say(NAMES[phase])), "bold"), "", "")
        for item in (item for item in graduation.items if item.before == phase):
            table.add_row(Text(*MARKS[item.state]), item.what, item.why, item.who)
        table.add_section()
    return table
