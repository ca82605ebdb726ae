"""`labkit publish`: a prototype as files that others run or read, and the passwords that it opens with."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from labkit.catalogue.publishing import Given, offer, options
from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb

if TYPE_CHECKING:
    from labkit.publish.publishing import Kind, Written

FOLDER = Path("published")
PAGE = Path("replay.html")
KILOBYTE = 1000


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    file, folder = click.Path(dir_okay=False, path_type=Path), click.Path(file_okay=False, path_type=Path)
    name = say("publish.name-value")
    told = {
        "single-file": say("publish.single-file"),
        "wheel": say("publish.wheel"),
        "container": say("publish.container"),
    }
    kinds = [click.Option([f"--{kind}", "kind"], flag_value=kind, help=told[kind]) for kind in told]
    return verb(
        say,
        "publish",
        publish,
        [
            click.Option(["--output"], type=click.Path(path_type=Path), help=say("publish.output")),
            *kinds,
            click.Option(["--replay"], type=file, help=say("publish.replay")),
            *options(say),
            click.Option(["--new-password"], metavar=name, help=say("publish.new-password")),
            click.Option(["--revoke-password"], metavar=name, help=say("publish.revoke-password")),
            click.Option(["--project"], type=folder, default=Path(), show_default=True, help=say("option.project")),
        ],
    )


def publish(  # noqa: PLR0913  # one for each option
    frame: Frame,
    *,
    output: Path | None,
    kind: "Kind | None",
    replay: Path | None,
    new_password: str | None,
    revoke_password: str | None,
    project: Path,
    catalogue: bool,
    **given: Any,  # noqa: ANN401  # what `options` of the catalogue declares
) -> ExitCode:
    """Do the one thing that was asked for."""
    passwords = new_password is not None or revoke_password is not None
    if passwords + catalogue + (replay is not None) + (kind is not None) > 1:
        raise click.UsageError(frame.say("publish.one-thing"))
    if passwords:
        return _passwords(frame, project, made=new_password, revoked=revoke_password)
    if catalogue:
        offer(frame, project, output, Given(**given))
        return ExitCode.OK
    if replay is not None:
        return _tell(frame, [_page(replay, output or PAGE, project)])
    written = _prototype(frame, project, output or FOLDER, kind or "single-file")
    _tell(frame, written)
    if kind != "wheel":
        frame.write(frame.say("publish.start", path=written[0].path))
    return ExitCode.OK


def _prototype(frame: Frame, project: Path, output: Path, kind: "Kind") -> "list[Written]":
    # What follows reads every distribution there is: the other verbs answer at once.
    from rich.progress import Progress  # noqa: PLC0415

    from labkit.prototype.project import Project  # noqa: PLC0415
    from labkit.publish.publishing import publish as publish_it  # noqa: PLC0415

    hidden = frame.as_json or not frame.aside.is_terminal
    with Progress(console=frame.aside, transient=True, disable=hidden) as progress:
        task = progress.add_task(frame.say("publish.gathering"), total=None)
        return publish_it(
            Project(project), output, kind, lambda done, count: progress.update(task, completed=done, total=count)
        )


def _page(recording: Path, output: Path, project: Path) -> "Written":
    from labkit.prototype.look.theme import THEMES, read_theme  # noqa: PLC0415  # as above
    from labkit.publish.contents import Content  # noqa: PLC0415
    from labkit.publish.publishing import put_in_place  # noqa: PLC0415
    from labkit.replay.player import page_of  # noqa: PLC0415
    from labkit.replay.recording_file import read_recording  # noqa: PLC0415

    theme = project / "theme.toml"
    place = output / PAGE if output.is_dir() else output
    page = page_of(read_recording(recording), read_theme(theme if theme.is_file() else THEMES / "neutral.toml"))
    return put_in_place(place.parent, [Content(place=place.name, data=page.encode())])[0]


def _passwords(frame: Frame, project: Path, *, made: str | None, revoked: str | None) -> ExitCode:
    from labkit.prototype.passwords import VARIABLE, Passwords  # noqa: PLC0415  # as above
    from labkit.prototype.project import Project  # noqa: PLC0415

    # In a folder without a project, a password would open nothing that anybody ever starts.
    data = Project(project).folder / frame.data
    passwords = Passwords(data, os.environ.get(VARIABLE))
    if revoked is not None:
        passwords.revoke(revoked)
        frame.write(frame.say("publish.revoked", name=revoked))
    password = passwords.add(made) if made is not None else None
    if password:
        frame.write(frame.say("publish.made", name=made, password=password))
    frame.answer({"made": made, "password": password, "revoked": revoked})
    return ExitCode.OK


def _tell(frame: Frame, written: "list[Written]") -> ExitCode:
    frame.answer(written)
    for file in written:
        size = frame.say.number(-(-file.size_bytes // KILOBYTE))
        frame.write(frame.say("publish.written", path=file.path, size=size))
    return ExitCode.OK
