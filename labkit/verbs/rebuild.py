"""`labkit rebuild VIEW`: a view made anew from the ledger or from the stream, beside the live one."""

from typing import Literal

import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb

Source = Literal["log", "stream"]


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    return verb(
        say,
        "rebuild",
        rebuild,
        [
            click.Argument(["names"], nargs=-1, metavar=say("rebuild.view")),
            click.Option(["--all", "every"], is_flag=True, help=say("rebuild.all")),
            click.Option(
                ["--from", "source"],
                type=click.Choice(["log", "stream"]),
                default="log",
                show_default=True,
                help=say("rebuild.from"),
            ),
        ],
    )


def rebuild(frame: Frame, *, names: tuple[str, ...], every: bool, source: Source) -> ExitCode:
    """Rebuild the views named, or all of them."""
    if bool(names) == every:
        raise click.UsageError(frame.say("rebuild.which"))
    # Views and store are loaded by this verb only: the others answer at once.
    from labkit.rebuild import rebuild as make_anew  # noqa: PLC0415

    rebuilt = make_anew(frame.data, names, source)
    frame.answer(rebuilt)
    for view in rebuilt:
        frame.write(
            frame.say(
                "rebuild.done",
                name=view.name,
                events=frame.say.number(view.events),
                position=frame.say.number(view.position),
                seconds=f"{view.seconds:.1f}",
            )
        )
        if view.identical is False:
            frame.write(frame.say("rebuild.different", name=view.name))
    return ExitCode.OK
