"""`labkit forget CITIZEN`: destroy the key of a citizen's personal data, for ever."""

import sys
from datetime import UTC, datetime
from uuid import UUID, uuid4

import rich_click as click
from msgspec import Struct

from labkit.answers import Forgotten
from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb


class Forgetting(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of the request; without a legal basis the ledger names its own."""

    command_id: UUID
    occurred_at: datetime
    legal_basis: str | None = None


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    return verb(
        say,
        "forget",
        forget,
        [
            click.Argument(["citizen"], type=click.UUID, metavar=say("forget.citizen")),
            click.Option(["--legal-basis"], metavar=say("forget.text"), help=say("forget.legal-basis")),
            click.Option(["--yes"], is_flag=True, help=say("forget.yes")),
        ],
    )


def forget(frame: Frame, *, citizen: UUID, legal_basis: str | None, yes: bool) -> ExitCode:
    """Forget a citizen, once sure that this is meant."""
    client = frame.client()
    if not yes and (frame.as_json or not sys.stdin.isatty()):
        raise click.UsageError(frame.say("forget.unattended"))
    if not yes and not click.confirm(frame.say("forget.sure", citizen=citizen)):
        frame.write(frame.say("forget.kept"))
        return ExitCode.INTERRUPTED
    asked = Forgetting(command_id=uuid4(), occurred_at=datetime.now(UTC), legal_basis=legal_basis)
    answer = client.post(f"/citizens/{citizen}/forgetting", asked, Forgotten)
    frame.answer(answer)
    frame.write(frame.say("forget.done", citizen=citizen))
    return ExitCode.OK
