"""`labkit backup TARGET`: the ledger at one moment, while it runs, and its keys elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb

if TYPE_CHECKING:
    from labkit.backup.taking import BackupSummary


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    folder, file = click.Path(file_okay=False, path_type=Path), click.Path(dir_okay=False, path_type=Path)
    return verb(
        say,
        "backup",
        backup,
        [
            click.Argument(["target"], type=folder, metavar=say("backup.target")),
            click.Option(["--keys"], type=folder, help=say("backup.keys")),
            click.Option(["--master-key"], type=file, help=say("backup.master-key")),
        ],
    )


def backup(frame: Frame, *, target: Path, keys: Path | None, master_key: Path | None) -> ExitCode:
    """Back up, and say what was left out on purpose."""
    # Store and progress are loaded by this verb only: the others answer at once.
    from labkit.backup.taking import Wanted  # noqa: PLC0415
    from labkit.backup.taking import backup as back_up  # noqa: PLC0415
    from labkit.backup.telling import telling  # noqa: PLC0415

    wanted = Wanted(data=frame.data, target=target, keys=keys, master_key=master_key)
    with telling(frame, frame.say("backup.working")) as on_progress:
        summary = back_up(wanted, on_progress)
    frame.answer(summary)
    _tell(frame, summary)
    return ExitCode.OK


def _tell(frame: Frame, summary: "BackupSummary") -> None:
    number = frame.say.number
    frame.write(
        frame.say(
            "backup.done",
            target=summary.target,
            events=number(summary.events),
            position=number(summary.position),
            files=number(summary.files),
            kilobytes=number(-(-summary.size_bytes // 1000)),
            seconds=f"{summary.seconds:.1f}",
        )
    )
    if summary.keys:
        frame.write(frame.say("backup.keys-done", keys=summary.keys))
    else:
        frame.write(frame.say("backup.no-keys"))
    if summary.master_key:
        frame.write(frame.say("backup.master-key-done", file=summary.master_key))
    if summary.left_out:
        frame.write(frame.say("backup.left-out", names=", ".join(summary.left_out)))
