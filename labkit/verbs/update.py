"""`labkit update`: the project of this folder, brought up to date with its template."""

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb

if TYPE_CHECKING:
    from labkit.scaffold.answers import Answers
    from labkit.scaffold.changes import FileChange
    from labkit.scaffold.checks import Checks
    from labkit.scaffold.update import Report

FILES = {
    "updated": "update.file-updated",
    "merged": "update.file-merged",
    "renamed": "update.file-renamed",
    "moved": "update.file-moved",
    "added": "update.file-added",
    "deleted": "update.file-deleted",
    "stays-deleted": "update.file-stays-deleted",
    "kept": "update.file-kept",
    "unchanged": "update.file-unchanged",
    "settled": "update.file-settled",
    "conflict": "update.file-conflict",
    "choice": "update.file-choice",
}
EXIT_CODES = {"conflicts": ExitCode.CONFLICT, "checks-failed": ExitCode.FOUND}


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    return verb(
        say,
        "update",
        update,
        [
            click.Option(
                ["--project"],
                type=click.Path(exists=True, file_okay=False, path_type=Path),
                default=Path(),
                show_default=True,
                help=say("update.project"),
            ),
            click.Option(["--dry-run"], is_flag=True, help=say("update.dry-run")),
            click.Option(["--no-checks"], is_flag=True, help=say("update.no-checks")),
            click.Option(["--continue", "resume"], is_flag=True, help=say("update.continue")),
            click.Option(["--abort"], is_flag=True, help=say("update.abort")),
        ],
    )


def update(  # noqa: PLR0913  # One parameter an option.
    frame: Frame, *, project: Path, dry_run: bool, no_checks: bool, resume: bool, abort: bool
) -> ExitCode:
    """Begin an update, try it, go on with it or abandon it."""
    if dry_run + resume + abort > 1 or (no_checks and (dry_run or abort)):
        raise click.UsageError(frame.say("update.one-thing"))
    # Rendering is loaded by this verb and `new` only: the others answer at once.
    from labkit.scaffold import update as updating  # noqa: PLC0415
    from labkit.scaffold.kit import version  # noqa: PLC0415

    plan = updating.Plan(checks=not no_checks)
    if abort:
        report = updating.abort(project)
    elif resume:
        report = updating.resume(project, plan=plan)
    elif dry_run:
        report = updating.preview(project, pristine, kit=version())
    else:
        report = updating.update(project, pristine, kit=version(), plan=plan)
    frame.answer(report)
    _tell(frame, report)
    return ExitCode.OK if report.dry_run else EXIT_CODES.get(report.state, ExitCode.OK)


def pristine(answers: "Answers", into: Path) -> Path:
    """Render what the template gives today for the answers of a project; a question that is no more is passed over."""
    from labkit.scaffold.catalogue import find_template  # noqa: PLC0415  # with rendering
    from labkit.scaffold.render import render  # noqa: PLC0415  # slow to import

    asked = {question.name for question in find_template(answers.template).questions}
    known = {name: value for name, value in answers.answers.items() if name in asked}
    return render(answers.template, known, into)


def _tell(frame: Frame, report: "Report") -> None:
    say = frame.say
    if report.dry_run:
        frame.write(say("update.trial"))
    frame.write(_headline(say, report))
    for change in report.files:
        frame.write(f"  {_file(say, change)}")
    for migration in report.migrations:
        frame.write("  " + say("update.migration", title=migration.title, files=", ".join(migration.files)))
    if report.state == "conflicts" and not report.dry_run:
        frame.write(say("update.settle"))
    if report.checks is not None:
        _tell_checks(frame, report.checks)
    if report.state == "checks-failed":
        _tell_what_next(frame, report)


def _tell_checks(frame: Frame, checks: "Checks") -> None:
    if checks.passed:
        frame.write(frame.say("update.checks-passed", command=checks.command))
        return
    frame.write(checks.output)
    frame.write(frame.say("update.checks-failed", command=checks.command, log=checks.log))


def _tell_what_next(frame: Frame, report: "Report") -> None:
    if report.passed_without is None:
        frame.write(frame.say("update.merge-stays"))
        return
    if not report.passed_without:
        frame.write(frame.say("update.failed-already"))
    frame.write(frame.say("update.put-back"))


def _headline(say: Texts, report: "Report") -> str:
    details = {"project": report.project, "template": report.template, "kit": report.kit, "since": report.kit_before}
    match report.state:
        case "updated":
            return say("update.updated", **details)
        case "conflicts":
            return say("update.conflicts", **details)
        case "checks-failed":
            return say("update.would-be", **details)
        case "nothing-new":
            return say("update.nothing-new", **details)
        case "remade":
            return say("update.remade", **details)
        case "undone":
            return say("update.undone", **details)


def _file(say: Texts, change: "FileChange") -> str:
    return say(FILES[change.outcome], path=change.path, was=change.was or change.path)
