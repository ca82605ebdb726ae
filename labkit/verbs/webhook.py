"""`labkit webhook`: deliver the log to an integrator’s address, and look after what does not arrive."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, language_option, verb, with_help

if TYPE_CHECKING:
    from labkit.webhooks.managing import Listed


def build(say: Texts) -> click.RichCommand:
    """Describe the verb; what can be done with an endpoint is a verb below it."""
    name = click.Argument(["name"], metavar=say("integrator.name"))
    adding = [
        click.Argument(["url"], metavar="URL"),
        click.Option(["--since"], type=click.IntRange(min=0), help=say("webhook-add.since")),
        click.Option(["--output"], type=click.Path(dir_okay=False, path_type=Path), help=say("webhook-add.output")),
    ]
    replaying = [
        click.Argument(["event"], required=False, metavar=say("webhook-replay.event")),
        click.Option(["--all", "everything"], is_flag=True, help=say("webhook-replay.all")),
    ]
    group = click.RichGroup(
        name="webhook",
        commands=[
            verb(say, "webhook add", add, [name, *adding]),
            verb(say, "webhook list", list_all),
            verb(say, "webhook remove", remove, [name]),
            verb(say, "webhook dead", dead, [name]),
            verb(say, "webhook replay", replay, [name, *replaying]),
            verb(say, "webhook enable", enable, [name]),
        ],
        params=[language_option(say)],
        help=say("webhook.help"),
        short_help=say("webhook.short"),
    )
    return with_help(say, group)


def add(frame: Frame, *, name: str, url: str, since: int | None, output: Path | None) -> ExitCode:
    """Deliver to an address, and write what is to be handed over."""
    # Here as below, the store is loaded by its own verbs only: the others answer at once.
    from labkit.webhooks.managing import Webhooks  # noqa: PLC0415

    file = output or Path(f"{name}.webhook.json")
    after = Webhooks(frame.data).add(name, url, since=since, file=file)
    frame.answer({"name": name, "url": url, "after": after, "credentials": str(file)})
    frame.write(frame.say("webhook-add.done", name=name, url=url, after=frame.say.number(after), file=file))
    return ExitCode.OK


def list_all(frame: Frame) -> ExitCode:
    """Show the endpoints; the exit code says whether one of them needs somebody."""
    from labkit.webhooks.managing import Webhooks  # noqa: PLC0415

    listed = Webhooks(frame.data).all()
    frame.answer(listed)
    if not listed:
        frame.write(frame.say("webhook-list.none"))
    number = frame.say.number
    for each in listed:
        position, waiting, letters = number(each.position), number(each.waiting), number(each.dead)
        frame.write(f"{each.name:<24}{_standing(each, frame.say)}")
        frame.write(f"  {each.url}")
        frame.write("  " + frame.say("webhook-list.counts", position=position, waiting=waiting, dead=letters))
    return ExitCode.FOUND if any(each.needs_somebody for each in listed) else ExitCode.OK


def remove(frame: Frame, *, name: str) -> ExitCode:
    """Deliver nothing more."""
    from labkit.webhooks.managing import Webhooks  # noqa: PLC0415

    Webhooks(frame.data).remove(name)
    frame.answer({"name": name, "removed": True})
    frame.write(frame.say("webhook-remove.done", name=name))
    return ExitCode.OK


def dead(frame: Frame, *, name: str) -> ExitCode:
    """Show what is attempted no more; the exit code says whether there is any."""
    from labkit.webhooks.managing import Webhooks  # noqa: PLC0415

    letters = Webhooks(frame.data).dead(name)
    frame.answer(letters)
    if not letters:
        frame.write(frame.say("webhook-dead.none", name=name))
    for each in letters:
        behind = frame.say.number(each.waiting_behind)
        end = frame.say("webhook-dead.letter", outcome=each.outcome, attempts=each.attempts, behind=behind)
        frame.write(f"{each.event_id}  {_moment(each.dead_at)}  {end}")
    return ExitCode.FOUND if letters else ExitCode.OK


def replay(frame: Frame, *, name: str, event: str | None, everything: bool) -> ExitCode:
    """Attempt dead letters again."""
    from labkit.webhooks.managing import Webhooks  # noqa: PLC0415

    if everything == bool(event):
        raise click.UsageError(frame.say("webhook-replay.which"))
    replayed = Webhooks(frame.data).replay(name, event)
    frame.answer({"name": name, "replayed": replayed})
    frame.write(frame.say("webhook-replay.done", name=name, replayed=frame.say.number(replayed)))
    return ExitCode.OK


def enable(frame: Frame, *, name: str) -> ExitCode:
    """Switch an endpoint on."""
    from labkit.webhooks.managing import Webhooks  # noqa: PLC0415

    Webhooks(frame.data).enable(name)
    frame.answer({"name": name, "enabled": True})
    frame.write(frame.say("webhook-enable.done", name=name))
    return ExitCode.OK


def notes(frame: Frame) -> list[str]:
    """Return a line for each endpoint that needs somebody."""
    from labkit.webhooks.managing import Webhooks  # noqa: PLC0415

    troubled = [each for each in Webhooks(frame.data).all() if each.needs_somebody]
    return [
        frame.say(
            "webhook-list.note", name=each.name, state=_standing(each, frame.say), dead=frame.say.number(each.dead)
        )
        for each in troubled
    ]


def _standing(listed: "Listed", say: Texts) -> str:
    """Return in words whether an endpoint gets what it should."""
    since = _moment(listed.since) if listed.since else ""
    match listed.state, listed.off_reason:
        case "revoked", _:
            return say("webhook-list.revoked")
        case "off", "gone":
            return say("webhook-list.gone", since=since)
        case "off", _:
            return say("webhook-list.off", since=since)
        case "failing", _:
            return say("webhook-list.failing", since=since)
        case _:
            return say("webhook-list.on")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"
