"""`labkit audit`: whether the stream and the views are what the ledger says; exit code 10 where one is not."""

import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    return verb(
        say,
        "audit",
        audit,
        [
            click.Option(["--deep"], is_flag=True, help=say("audit.deep")),
            click.Option(
                ["--from", "position"],
                type=click.IntRange(1),
                default=1,
                show_default=True,
                help=say("audit.from"),
            ),
        ],
    )


def audit(frame: Frame, *, deep: bool, position: int) -> ExitCode:
    """Compare, and say what differs."""
    # NATS, store and views are loaded by this verb only: the others answer at once.
    from labkit.auditing.run import audit as compare  # noqa: PLC0415
    from labkit.auditing.telling import shown  # noqa: PLC0415
    from labkit.auditing.words import lines_of  # noqa: PLC0415

    with shown(frame, frame.say("audit.reading")) as on_progress:
        done = compare(frame.data, position=position, deep=deep, on_progress=on_progress)
    frame.answer(done)
    for line in lines_of(done, frame.say):
        frame.write(line)
    return ExitCode.FOUND if done.findings else ExitCode.OK
