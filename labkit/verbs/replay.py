"""`labkit replay`: a recording, played again into an empty ledger."""

from pathlib import Path

import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb

SPEED_MAX = 10_000


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    folder = click.Path(file_okay=False, path_type=Path)
    return verb(
        say,
        "replay",
        replay,
        [
            click.Argument(["file"], type=click.Path(dir_okay=False, path_type=Path), metavar=say("record.file")),
            click.Option(
                ["--speed"], type=click.IntRange(0, SPEED_MAX), default=0, show_default=True, help=say("replay.speed")
            ),
            click.Option(["--into"], type=folder, help=say("replay.into")),
            click.Option(["--force-new-cases"], is_flag=True, help=say("replay.force-new-cases")),
            click.Option(["--project"], type=folder, default=Path(), show_default=True, help=say("option.project")),
        ],
    )


def replay(  # noqa: PLR0913  # one for each option
    frame: Frame, *, file: Path, speed: int, into: Path | None, force_new_cases: bool, project: Path
) -> ExitCode:
    """Make what is in a file happen again."""
    # The store is loaded by this verb only: the others answer at once.
    from labkit.prototype.project import Project  # noqa: PLC0415
    from labkit.replay.again import play  # noqa: PLC0415
    from labkit.replay.failures import LedgerNotEmpty, OtherService  # noqa: PLC0415
    from labkit.replay.ledgers import is_empty, opened_cases  # noqa: PLC0415
    from labkit.replay.recording_file import read_recording  # noqa: PLC0415

    recording, read = read_recording(file), Project(project)
    if recording.header.service != read.manifest.service.code:
        raise OtherService(path=file, recorded=recording.header.service, ours=read.manifest.service.code)
    data = into or project / frame.data
    with opened_cases(read, data, make=True) as cases:
        if not force_new_cases and not is_empty(cases):
            raise LedgerNotEmpty(data=data)
        cases.publish()
        played = play(recording, cases, speed=speed)
    say, reasons = (
        frame.say,
        [
            {"reference": one.reference, "version": one.version, "reason": one.refusal.message(frame.say.language)}
            for one in played.refused
        ],
    )
    frame.answer({"data": str(data), "events": played.events, "references": played.references, "refused": reasons})
    for reason in reasons:
        frame.write(say("replay.refused", **reason))
    count, references = say.number(len(played.references)), ", ".join(played.references[:20])
    frame.write(say("replay.done", events=say.number(played.events), cases=count, references=references, data=data))
    return ExitCode.REFUSED if reasons else ExitCode.OK
