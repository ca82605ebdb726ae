"""`labkit doctor`: what this machine and this project have, line by line, and what to do."""

from pathlib import Path

import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb

MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "bad": ("✗", "bold red")}


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    folder = click.Path(file_okay=False, path_type=Path)
    project = click.Option(["--project"], type=folder, default=Path(), show_default=True, help=say("option.project"))
    return verb(say, "doctor", doctor, [project])


def doctor(frame: Frame, *, project: Path) -> ExitCode:
    """Look at everything, and say what is bad."""
    # What reads projects is loaded by this verb only: the others answer at once.
    from rich.text import Text  # noqa: PLC0415

    from labkit.doctor import Doctor  # noqa: PLC0415

    lines = Doctor(frame.say, folder=project, data=project / frame.data).lines()
    frame.answer(lines)
    for line in lines:
        mark, style = MARKS[line.state]
        frame.write(Text.assemble((mark, style), f" {line.what}"))
        if line.mend:
            frame.write(f"  → {line.mend}")
    return ExitCode.FOUND if any(line.state == "bad" for line in lines) else ExitCode.OK
