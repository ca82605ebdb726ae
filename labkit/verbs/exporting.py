"""`labkit export ocel|xes|parquet FILE`: the ledger as a file that other tools read, without personal data."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import rich_click as click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb, with_help

if TYPE_CHECKING:
    from labkit.exports.exporting import ExportSummary, Form, Wanted

Chosen = Literal["steps", "all"]


def build(say: Texts) -> click.RichCommand:
    """Describe the verb; each format is a verb below it."""
    chosen = click.Option(
        ["--events"],
        type=click.Choice(["steps", "all"]),
        default="steps",
        show_default=True,
        help=say("export-xes.events"),
    )
    formats = [
        verb(say, "export ocel", export_ocel, _parameters(say)),
        verb(say, "export xes", export_xes, [*_parameters(say), chosen]),
        verb(say, "export parquet", export_parquet, _parameters(say)),
    ]
    group = click.RichGroup(name="export", commands=formats, help=say("export.help"), short_help=say("export.short"))
    return with_help(say, group)


def export_ocel(frame: Frame, *, file: Path, force: bool) -> ExitCode:
    """Export to OCEL 2.0."""
    return _export(frame, "ocel", file=file, force=force)


def export_xes(frame: Frame, *, file: Path, force: bool, events: Chosen) -> ExitCode:
    """Export to XES 1.0."""
    return _export(frame, "xes", file=file, force=force, events=events)


def export_parquet(frame: Frame, *, file: Path, force: bool) -> ExitCode:
    """Export to Parquet."""
    return _export(frame, "parquet", file=file, force=force)


def _parameters(say: Texts) -> list[click.Parameter]:
    file = click.Path(dir_okay=False, path_type=Path)
    return [
        click.Argument(["file"], type=file, metavar=say("export.file")),
        click.Option(["--force"], is_flag=True, help=say("export.force")),
    ]


def _export(frame: Frame, form: "Form", *, file: Path, force: bool, events: Chosen = "steps") -> ExitCode:
    # Store and writers are loaded by this verb only: the others answer at once.
    from labkit.exports.exporting import Wanted, export  # noqa: PLC0415

    wanted = Wanted(form=form, file=file, force=force, events=events)
    with _progress(frame) as progress:
        task = progress.add_task(frame.say("export.working"), total=None)
        summary = export(
            frame.data, wanted, lambda position, head: progress.update(task, completed=position, total=head)
        )
    frame.answer(summary)
    _tell(frame, summary, wanted)
    return ExitCode.OK


def _tell(frame: Frame, summary: "ExportSummary", wanted: "Wanted") -> None:
    number = frame.say.number
    frame.write(
        frame.say(
            "export.summary",
            file=summary.file,
            events=number(summary.events),
            cases=number(summary.cases),
            position=number(summary.position),
            kilobytes=number(-(-summary.size_bytes // 1000)),
            seconds=f"{summary.seconds:.1f}",
        )
    )
    if wanted.form == "xes" and wanted.events == "steps" and summary.cases and not summary.events:
        frame.write(frame.say("export-xes.no-steps"))


def _progress(frame: Frame) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=frame.aside,
        transient=True,
        disable=frame.as_json or not frame.aside.is_terminal or not frame.console.is_terminal,
    )
