"""`labkit run`: the prototype of this folder, on its ledger."""

from pathlib import Path

import rich_click as click

from labkit.broker import LOOPBACK
from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb
from labkit.verbs.up import PORT_MAX


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    folder = click.Path(file_okay=False, path_type=Path)
    return verb(
        say,
        "run",
        run,
        [
            click.Option(["--project"], type=folder, default=Path(), show_default=True, help=say("option.project")),
            click.Option(["--port"], type=click.IntRange(1, PORT_MAX), help=say("run.port")),
            click.Option(["--no-browser"], is_flag=True, help=say("run.no-browser")),
            click.Option(
                ["--listen"],
                default=LOOPBACK,
                show_default=True,
                metavar=say("run.listen-value"),
                help=say("run.listen"),
            ),
            click.Option(["--record"], type=click.Path(dir_okay=False, path_type=Path), help=say("run.record")),
        ],
    )


def run(  # noqa: PLR0913  # one for each option
    frame: Frame, *, project: Path, port: int | None, no_browser: bool, listen: str, record: Path | None
) -> ExitCode:
    """Start, and stay until told to stop."""
    # Servers and watchers are loaded by this verb only: the others answer at once.
    from labkit.run import RunOptions  # noqa: PLC0415
    from labkit.run import run as start  # noqa: PLC0415

    options = RunOptions(
        folder=project,
        data=project / frame.data,
        port=port,
        browser=not no_browser,
        listen=listen,
        record=record,
        json=frame.as_json,
        language=frame.say.language,
    )
    return start(options)
