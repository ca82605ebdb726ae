"""`labkit check`: what is to be mended in the project of this folder, before people meet it."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click
from msgspec import Struct

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb

if TYPE_CHECKING:
    from rich.table import Table

    from labkit.checks.findings import Told


class Answer(Struct, frozen=True, kw_only=True):
    """What was found, in the language of whoever asks."""

    passed: bool
    pages: int
    browser: str | None
    findings: "list[Told]"


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    folder = click.Path(file_okay=False, path_type=Path)
    return verb(
        say,
        "check",
        check,
        [
            click.Option(["--project"], type=folder, default=Path(), show_default=True, help=say("option.project")),
            click.Option(["--pages/--no-pages"], default=True, help=say("check.pages")),
            click.Option(["--fix-nothing"], is_flag=True, expose_value=False, help=say("check.fix-nothing")),
        ],
    )


def check(frame: Frame, *, project: Path, pages: bool) -> ExitCode:
    """Check a project, and say what is to be mended."""
    # What runs a prototype is loaded by this verb only: the others answer at once.
    from labkit.checks.chromium import find_chromium  # noqa: PLC0415
    from labkit.checks.findings import told  # noqa: PLC0415
    from labkit.checks.project import check_project  # noqa: PLC0415

    chromium = find_chromium() if pages else None
    with nullcontext() if frame.as_json else frame.aside.status(frame.say("check.looking")):
        checked = check_project(project, frame.say, pages=pages, chromium=chromium)
    findings = [told(finding, frame.say) for finding in checked.findings]
    frame.answer(Answer(passed=checked.passed, pages=checked.pages, browser=chromium, findings=findings))
    if findings and not frame.as_json:
        frame.console.print(_table(findings, frame.say))
    if pages and chromium is None:
        frame.write(frame.say("check.no-browser"))
    errors = sum(finding.severity == "error" for finding in findings)
    counted = {"pages": checked.pages, "errors": errors, "warnings": len(findings) - errors}
    frame.write(frame.say("check.passed", **counted) if checked.passed else frame.say("check.found", **counted))
    return ExitCode.OK if checked.passed else ExitCode.FOUND


def _table(findings: "list[Told]", say: Texts) -> "Table":
    from rich import box  # noqa: PLC0415  # with the rest of this verb
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    names = {"error": say("check.error"), "warning": say("check.warning")}
    styles = {"error": "bold red", "warning": "yellow"}
    for column in (say("check.severity"), say("check.where"), say("check.what"), say("check.to-do")):
        table.add_column(column, overflow="fold")
    for finding in findings:
        severity = Text(names[finding.severity], styles[finding.severity])
        table.add_row(severity, finding.where, finding.what, finding.mend)
    return table
