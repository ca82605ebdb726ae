"""`labkit up`: everything, on one machine, behind one address."""

import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.options import PORT, UpOptions
from labkit.verbs.frame import Frame, verb

PORT_MAX = 65535


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    return verb(
        say,
        "up",
        up,
        [
            click.Option(
                ["--port"],
                type=click.IntRange(1, PORT_MAX),
                default=PORT,
                show_default=True,
                help=say("up.port"),
            ),
            click.Option(["--no-browser"], is_flag=True, help=say("up.no-browser")),
            click.Option(["--empty"], is_flag=True, help=say("up.empty")),
        ],
    )


def up(frame: Frame, *, port: int, no_browser: bool, empty: bool) -> ExitCode:
    """Start, and stay until told to stop."""
    # Servers, broker and store are loaded by this verb only: the others answer at once.
    from labkit.up import up as start  # noqa: PLC0415

    options = UpOptions(
        data=frame.data,
        port=port,
        browser=not no_browser,
        empty=empty,
        json=frame.as_json,
        language=frame.say.language,
    )
    return ExitCode(start(options))
