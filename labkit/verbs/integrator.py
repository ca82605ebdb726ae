"""`labkit integrator`: let a subscriber in, to exactly what it was granted, and put it out again."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from msgspec import Struct

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, language_option, verb, with_help

if TYPE_CHECKING:
    from ledger.access.registry import Integrator


class Listed(Struct, frozen=True, kw_only=True):
    """An integrator as the verb tells of it: nothing of it is secret."""

    name: str
    filters: tuple[str, ...]
    stream: str
    nkey: str
    since: datetime
    rotated_at: datetime | None
    credentials: str | None = None


def build(say: Texts) -> click.RichCommand:
    """Describe the verb; what can be done with an integrator is a verb below it."""
    name = click.Argument(["name"], metavar=say("integrator.name"))
    output = click.Option(["--output"], type=click.Path(dir_okay=False, path_type=Path), help=say("integrator.output"))
    granted = [
        click.Option(["--authority"], required=True, metavar="SIREN", help=say("integrator-add.authority")),
        click.Option(["--service", "services"], multiple=True, metavar="CODE", help=say("integrator-add.service")),
        click.Option(["--event", "events"], multiple=True, metavar="EVENT", help=say("integrator-add.event")),
    ]
    group = click.RichGroup(
        name="integrator",
        commands=[
            verb(say, "integrator add", add, [name, *granted, output]),
            verb(say, "integrator list", list_all),
            verb(say, "integrator rotate", rotate, [name, output]),
            verb(say, "integrator revoke", revoke, [name]),
        ],
        params=[language_option(say)],
        help=say("integrator.help"),
        short_help=say("integrator.short"),
    )
    return with_help(say, group)


def add(frame: Frame, *, name: str, output: Path | None, **granted: Any) -> ExitCode:  # noqa: ANN401  # see `build`
    """Let an integrator in, and write what is to be handed over."""
    # Here as below, what speaks to the server is loaded by its own verbs only: the others answer at once.
    from labkit.integrators.managing import Integrators, granting  # noqa: PLC0415

    grant = granting(**granted)
    made = Integrators(frame.data).add(name, grant, output or Path(f"{name}.credentials.json"), datetime.now(UTC))
    return _handed_over(frame, made.integrator, made.file, included=made.included)


def rotate(frame: Frame, *, name: str, output: Path | None) -> ExitCode:
    """Give an integrator other secrets; the earlier ones open nothing any more."""
    from labkit.integrators.managing import Integrators  # noqa: PLC0415

    made = Integrators(frame.data).rotate(name, output or Path(f"{name}.credentials.json"), datetime.now(UTC))
    return _handed_over(frame, made.integrator, made.file, included=made.included)


def revoke(frame: Frame, *, name: str) -> ExitCode:
    """Let an integrator in no more, open connections included."""
    from labkit.integrators.managing import Integrators  # noqa: PLC0415

    included = Integrators(frame.data).revoke(name)
    frame.answer({"name": name, "revoked": True})
    frame.write(frame.say("integrator-revoke.done", name=name))
    _tell_operator(frame, included)
    return ExitCode.OK


def list_all(frame: Frame) -> ExitCode:
    """Show who may read what."""
    from labkit.integrators.managing import Integrators  # noqa: PLC0415

    listed = [_listed(each) for each in Integrators(frame.data).all()]
    frame.answer(listed)
    if not listed:
        frame.write(frame.say("integrator-list.none"))
    for each in listed:
        frame.write(f"{each.name:<24}{each.since:%Y-%m-%d}  {' '.join(each.filters)}")
    return ExitCode.OK


def _listed(integrator: "Integrator", file: Path | None = None) -> Listed:
    return Listed(
        name=integrator.name,
        filters=integrator.grant.filters(),
        stream=integrator.stream,
        nkey=integrator.nkey,
        since=integrator.since,
        rotated_at=integrator.rotated_at,
        credentials=str(file) if file else None,
    )


def _handed_over(frame: Frame, integrator: "Integrator", file: Path, *, included: Path | None) -> ExitCode:
    frame.answer(_listed(integrator, file))
    frame.write(frame.say("integrator.ready", name=integrator.name, file=file, stream=integrator.stream))
    for wanted in integrator.grant.filters():
        frame.write(f"  {wanted}")
    _tell_operator(frame, included)
    return ExitCode.OK


def _tell_operator(frame: Frame, included: Path | None) -> None:
    if included is not None:
        frame.write(frame.say("integrator.included", file=included))
