"""`labkit import xes|ocel FILE`: a log of another system, told again in the ledger."""

from collections.abc import Callable, Iterator
from pathlib import Path

import rich_click as click
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from labkit.exit_codes import ExitCode
from labkit.failures import BrokenXes, LabkitFailure
from labkit.imports.cases import read_log
from labkit.imports.failures import BrokenOcel
from labkit.imports.mapping import Mapping, read_mapping
from labkit.imports.ocel import read_ocel
from labkit.imports.sending import ImportSummary, send_log, wait_for_views
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb, with_help
from ledger.domain.commands import LedgerCommand

ATTEMPTS_MAX = 12

Read = Callable[[Path, Mapping], Iterator[list[LedgerCommand]]]


def build(say: Texts) -> click.RichCommand:
    """Describe the verb; each format is a verb below it."""
    formats = [
        verb(say, "import xes", import_xes, _parameters(say)),
        verb(say, "import ocel", import_ocel, _parameters(say)),
    ]
    group = click.RichGroup(name="import", commands=formats, help=say("import.help"), short_help=say("import.short"))
    return with_help(say, group)


def import_xes(frame: Frame, *, file: Path, mapping: Path | None, authority: str | None) -> ExitCode:
    """Send an XES log to the running instance, and say what became of it."""
    return _import(frame, read_log, file, agent="import-xes", rules=read_mapping(mapping, siren=authority))


def import_ocel(frame: Frame, *, file: Path, mapping: Path | None, authority: str | None) -> ExitCode:
    """Send an OCEL log to the running instance, and say what became of it."""
    rules = read_mapping(mapping, siren=authority, of="ocel")
    return _import(frame, read_ocel, file, agent="import-ocel", rules=rules)


def _parameters(say: Texts) -> list[click.Parameter]:
    file = click.Path(dir_okay=False, path_type=Path)
    return [
        click.Argument(["file"], type=file, metavar=say("import.file")),
        click.Option(["--mapping"], type=file, help=say("import.mapping")),
        click.Option(["--authority"], metavar="SIREN", help=say("import.authority")),
    ]


def _import(frame: Frame, read: Read, file: Path, *, agent: str, rules: Mapping) -> ExitCode:
    client = frame.client(agent=agent, attempts_max=ATTEMPTS_MAX)
    summary = ImportSummary()
    failure: LabkitFailure | None = None
    try:
        with _progress(frame) as progress:
            task = progress.add_task(frame.say("import.starting"))
            send_log(
                read(file, rules),
                client,
                summary,
                lambda now: progress.update(task, description=_counted(frame, now)),
            )
            progress.update(task, description=frame.say("import.views"))
            if not wait_for_views(client, summary.position):
                frame.aside.print(frame.say("import.views-behind"), soft_wrap=True)
    except LabkitFailure as stopped:
        failure = stopped
    finally:
        client.close()
    if failure is not None and not summary.position:
        raise failure
    frame.answer(summary)
    _tell(frame, summary)
    if failure is not None:
        return _stopped(frame, failure, summary)
    return ExitCode.REFUSED if summary.refused else ExitCode.OK


def _progress(frame: Frame) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=frame.aside,
        transient=True,
        disable=frame.as_json or not frame.aside.is_terminal or not frame.console.is_terminal,
    )


def _counted(frame: Frame, summary: ImportSummary) -> str:
    number = frame.say.number
    commands = summary.accepted + summary.unchanged + summary.refused
    return frame.say("import.progress", cases=number(summary.cases), commands=number(commands))


def _tell(frame: Frame, summary: ImportSummary) -> None:
    number = frame.say.number
    frame.write(
        frame.say(
            "import.summary",
            cases=number(summary.cases),
            accepted=number(summary.accepted),
            unchanged=number(summary.unchanged),
            refused=number(summary.refused),
            position=number(summary.position),
            seconds=f"{summary.seconds:.1f}",
        )
    )
    for problem in summary.refusals:
        frame.write(f"- {problem}")


def _stopped(frame: Frame, failure: LabkitFailure, summary: ImportSummary) -> ExitCode:
    code = frame.fail(failure)
    if not frame.as_json:
        key = "import.mend" if isinstance(failure, BrokenXes | BrokenOcel) else "import.again"
        frame.aside.print(frame.say(key, cases=frame.say.number(summary.cases)), soft_wrap=True)
    return code
