"""`labkit run`: the prototype of this folder, on its ledger."""

from pathlib import Path

import rich_click as click

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
        ],
    )


def run(frame: Frame, *, project: Path, port: int | None, no_browser: bool) -> ExitCode:
    """Start, and stay until told to stop."""
    # Servers and watchers are loaded by this verb only: the others answer at once.
    from labkit.run import RunOptions  # noqa: PLC0415
    from labkit.run import run as start  # noqa: PLC0415

    options = RunOptions(
        folder=project,
        data=frame.data if frame.data.is_absolute() else project / frame.data,
        port=port,
        browser=not no_browser,
        json=frame.as_json,
        language=frame.say.language,
    )
    return start(options)
