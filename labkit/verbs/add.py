"""`labkit add`: a channel, an event, a page, a variant or a KPI put into the project of this folder."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click
from msgspec import Struct

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb, with_help

if TYPE_CHECKING:
    from labkit.scaffold.additions.drafts import Drafts

VARIANTS_MIN = 2


class Wish(Struct, frozen=True):
    """What somebody wants added, and to which project."""

    kind: str
    name: str
    project: Path


class Added(Struct, frozen=True, kw_only=True):
    """What was added, and the files that changed: none if all of it was there."""

    kind: str
    name: str
    files: tuple[str, ...]
    already_there: bool


def build(say: Texts) -> click.RichCommand:
    """Describe the verb; what can be added is a verb below it."""
    field = click.Option(["--field", "fields"], multiple=True, metavar=say("add.field-value"), help=say("add.field"))
    page = [
        _name(say),
        click.Option(["--event"], metavar=say("add.name"), help=say("add-page.event")),
        click.Option(["--like"], metavar=say("add-page.pattern"), help=say("add-page.like")),
        field,
        click.Option(["--after"], metavar=say("add.name"), help=say("add-page.after")),
        click.Option(["--desk"], is_flag=True, help=say("add-page.desk")),
    ]
    variants = click.Argument(["variants"], nargs=-1, metavar=say("add-variant.variants"))
    below = [
        verb(say, "add channel", add_channel, [_name(say), _project(say)]),
        verb(say, "add event", add_event, [_name(say), field, _project(say)]),
        verb(say, "add page", add_page, [*page, _project(say)]),
        verb(say, "add variant", add_variant, [_name(say), variants, _project(say)]),
        verb(say, "add kpi", add_kpi, [_name(say), _project(say)]),
    ]
    group = click.RichGroup(name="add", commands=below, help=say("add.help"), short_help=say("add.short"))
    return with_help(say, group)


def add_channel(frame: Frame, *, name: str | None, project: Path) -> ExitCode:
    """Add a channel of the kit."""
    # Here as below, what edits projects is loaded by these verbs only: the others answer at once.
    from labkit.scaffold.additions.channel import add_channel as add  # noqa: PLC0415

    name = _asked(frame, name)
    return _add(frame, Wish("channel", name, project), partial(add, asked=name))


def add_event(frame: Frame, *, name: str | None, fields: tuple[str, ...], project: Path) -> ExitCode:
    """Add an event that no page asks for."""
    from labkit.scaffold.additions.event import add_event as add  # noqa: PLC0415
    from labkit.scaffold.additions.fields import read_fields  # noqa: PLC0415
    from labkit.scaffold.additions.names import read_name  # noqa: PLC0415

    called = read_name(_asked(frame, name))
    made = partial(add, name=called, fields=read_fields(fields))
    return _add(frame, Wish("event", called.stem, project), made, advice=frame.say("add.words"))


def add_page(  # noqa: PLR0913  # One parameter an option.
    frame: Frame,
    *,
    name: str | None,
    event: str | None,
    like: str | None,
    fields: tuple[str, ...],
    after: str | None,
    desk: bool,
    project: Path,
) -> ExitCode:
    """Add a page with fields of its own, or like one of the gallery."""
    from labkit.scaffold.additions import page as pages  # noqa: PLC0415
    from labkit.scaffold.additions.fields import read_fields  # noqa: PLC0415
    from labkit.scaffold.additions.names import read_name  # noqa: PLC0415
    from labkit.scaffold.additions.pattern import add_page_like, find_pattern  # noqa: PLC0415

    if like and (event or fields):
        raise click.UsageError(frame.say("add-page.one-source"))
    called, place = read_name(_asked(frame, name)), pages.Place(after=after, desk=desk)
    if like:
        made = partial(add_page_like, name=called, pattern=find_pattern(like), place=place)
        return _add(frame, Wish("page", called.stem, project), made)
    asked, given = read_name(event) if event else None, read_fields(fields)
    made = partial(pages.add_page, name=called, place=place, event=asked, fields=given)
    return _add(frame, Wish("page", called.stem, project), made, advice=frame.say("add.words"))


def add_variant(frame: Frame, *, name: str | None, variants: tuple[str, ...], project: Path) -> ExitCode:
    """Add a feature with its variants."""
    from labkit.scaffold.additions.names import read_name  # noqa: PLC0415
    from labkit.scaffold.additions.variant import add_variant as add  # noqa: PLC0415

    called, shown = read_name(_asked(frame, name)), [read_name(variant) for variant in variants]
    if len({variant.stem for variant in shown}) < max(VARIANTS_MIN, len(shown)):
        raise click.UsageError(frame.say("add-variant.several"))
    advice = frame.say("add-variant.use", feature=called.stem, variant=shown[-1].stem)
    return _add(frame, Wish("variant", called.stem, project), partial(add, name=called, variants=shown), advice=advice)


def add_kpi(frame: Frame, *, name: str | None, project: Path) -> ExitCode:
    """Add a KPI."""
    from labkit.scaffold.additions.kpi import add_kpi as add  # noqa: PLC0415
    from labkit.scaffold.additions.names import read_name  # noqa: PLC0415

    called = read_name(_asked(frame, name))
    advice = frame.say("add-kpi.change")
    return _add(frame, Wish("kpi", called.stem, project), partial(add, name=called), advice=advice)


def _add(frame: Frame, wish: Wish, make: "Callable[[Drafts], object]", *, advice: str = "") -> ExitCode:
    from labkit.prototype.project import Project  # noqa: PLC0415
    from labkit.scaffold.additions.drafts import Drafts  # noqa: PLC0415

    drafts = Drafts(Project(wish.project))
    make(drafts)
    files = drafts.changed()
    drafts.write()
    frame.answer(Added(kind=wish.kind, name=wish.name, files=files, already_there=not files))
    if not files:
        frame.write(frame.say("add.there", name=wish.name))
        return ExitCode.OK
    frame.write(frame.say("add.added", name=wish.name))
    for file in files:
        frame.write(f"  {file}")
    if advice:
        frame.write(advice)
    return ExitCode.OK


def _asked(frame: Frame, name: str | None) -> str:
    """Return the name that was typed, or ask for it where somebody is there to answer."""
    if name is not None:
        return name
    if frame.as_json or not (sys.stdin.isatty() and frame.console.is_terminal):
        raise click.UsageError(frame.say("add.which"))
    return str(click.prompt(frame.say("add.ask")))


def _name(say: Texts) -> click.Argument:
    return click.Argument(["name"], required=False, metavar=say("add.name"))


def _project(say: Texts) -> click.Option:
    folder = click.Path(file_okay=False, path_type=Path)
    return click.Option(["--project"], type=folder, default=Path(), show_default=True, help=say("option.project"))
