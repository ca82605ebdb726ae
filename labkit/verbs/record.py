"""`labkit record`: what already happened to cases, in a file."""

from pathlib import Path

import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    folder = click.Path(file_okay=False, path_type=Path)
    return verb(
        say,
        "record",
        record,
        [
            click.Argument(["file"], type=click.Path(dir_okay=False, path_type=Path), metavar=say("record.file")),
            click.Option(["--case"], multiple=True, metavar=say("record.case-value"), help=say("record.case")),
            click.Option(["--project"], type=folder, default=Path(), show_default=True, help=say("option.project")),
        ],
    )


def record(frame: Frame, *, file: Path, case: tuple[str, ...], project: Path) -> ExitCode:
    """Read the cases back from their ledger, and write what happened to them."""
    # The store is loaded by this verb only: the others answer at once.
    from labkit.prototype.project import Project  # noqa: PLC0415
    from labkit.replay.export import exported  # noqa: PLC0415
    from labkit.replay.ledgers import opened_cases  # noqa: PLC0415
    from labkit.replay.recording_file import ENTRIES_MAX, write_recording  # noqa: PLC0415

    data = project / frame.data
    read = Project(project)
    with opened_cases(read, data) as cases:
        recording = exported(read, cases, case)
    write_recording(file, recording)
    told = recording.events()
    count = len({event.case for event in told})
    frame.answer({"file": str(file), "events": len(told), "cases": count, "cut": recording.full})
    say = frame.say
    frame.write(say("record.done", file=file, events=say.number(len(told)), cases=say.number(count)))
    if recording.full:
        frame.write(say("record.cut", most=say.number(ENTRIES_MAX)))
    return ExitCode.OK
