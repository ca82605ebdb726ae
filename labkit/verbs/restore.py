"""`labkit restore BACKUP`: a new data directory from a backup, in which whoever was forgotten stays so."""

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb

if TYPE_CHECKING:
    from labkit.backup.restoring import RestoreSummary


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    folder, file = click.Path(file_okay=False, path_type=Path), click.Path(dir_okay=False, path_type=Path)
    return verb(
        say,
        "restore",
        restore,
        [
            click.Argument(["backup"], type=folder, metavar=say("restore.backup")),
            click.Option(["--keys"], type=folder, help=say("restore.keys")),
            click.Option(["--master-key"], type=file, help=say("restore.master-key")),
            click.Option(["--dark"], is_flag=True, help=say("restore.dark")),
        ],
    )


def restore(frame: Frame, *, backup: Path, keys: Path | None, master_key: Path | None, dark: bool) -> ExitCode:
    """Restore, and say what comes next."""
    # Store and progress are loaded by this verb only: the others answer at once.
    from labkit.backup.restoring import Asked  # noqa: PLC0415
    from labkit.backup.restoring import restore as put_back  # noqa: PLC0415
    from labkit.backup.telling import telling  # noqa: PLC0415

    asked = Asked(backup=backup, data=frame.data, keys=keys, master_key=master_key, dark=dark)
    with telling(frame, frame.say("restore.working")) as on_progress:
        summary = put_back(asked, on_progress)
    frame.answer(summary)
    _tell(frame, summary)
    return ExitCode.OK


def _tell(frame: Frame, summary: "RestoreSummary") -> None:
    number = frame.say.number
    moment = f"{summary.made_at.astimezone():%Y-%m-%d %H:%M}"
    position = number(summary.position)
    frame.write(frame.say("restore.done", data=summary.data, position=position, moment=moment))
    frame.write(frame.say("restore.fences", forgotten=number(summary.forgotten), darkened=number(summary.darkened)))
    if summary.lost:
        frame.write(frame.say("restore.lost", subjects=number(summary.lost)))
    if summary.unfenced:
        frame.write(frame.say("restore.unfenced", subjects=number(len(summary.unfenced))))
        for subject in summary.unfenced:
            frame.write(f"  {subject}")
    if summary.epoch is None:
        frame.write(frame.say("restore.next-compare", data=summary.data, position=position))
    else:
        frame.write(frame.say("restore.next", data=summary.data, position=position, epoch=summary.epoch))
