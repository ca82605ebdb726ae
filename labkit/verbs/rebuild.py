"""`labkit rebuild VIEW`: a view made anew, beside the live one; `labkit rebuild stream`: the stream, from the log."""

from typing import Literal

import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb

STREAM = "stream"
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
            click.Option(["--new-epoch"], is_flag=True, help=say("rebuild.new-epoch")),
        ],
    )


def rebuild(frame: Frame, *, names: tuple[str, ...], every: bool, source: Source, new_epoch: bool) -> ExitCode:
    """Rebuild the stream, or the views named, or all of them."""
    if STREAM in names or new_epoch:
        if names != (STREAM,) or every:
            raise click.UsageError(frame.say("rebuild.stream-alone"))
        return _rebuild_stream(frame, new_epoch=new_epoch)
    if bool(names) == every:
        raise click.UsageError(frame.say("rebuild.which"))
    return _rebuild_views(frame, names, source)


def _rebuild_views(frame: Frame, names: tuple[str, ...], source: Source) -> ExitCode:
    # Views and store are loaded by this verb only: the others answer at once.
    from labkit.auditing.telling import shown  # noqa: PLC0415
    from labkit.rebuild import rebuild as make_anew  # noqa: PLC0415

    with shown(frame, frame.say("rebuild.folding")) as on_progress:
        rebuilt = make_anew(frame.data, names, source, on_progress=on_progress)
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


def _rebuild_stream(frame: Frame, *, new_epoch: bool) -> ExitCode:
    from labkit.auditing.telling import shown  # noqa: PLC0415
    from labkit.restreaming.run import rebuild_stream  # noqa: PLC0415  # NATS and store, for this verb only

    with shown(frame, frame.say("rebuild.publishing")) as on_progress:
        made = rebuild_stream(frame.data, new_epoch=new_epoch, on_progress=on_progress)
    frame.answer(made)
    frame.write(
        frame.say(
            "rebuild.stream-done",
            events=frame.say.number(made.events),
            epoch=made.epoch,
            seconds=f"{made.seconds:.1f}",
        )
    )
    if made.shared is not None:
        frame.write(frame.say("rebuild.stream-epoch", shared=frame.say.number(made.shared), epoch=made.epoch))
    return ExitCode.OK
