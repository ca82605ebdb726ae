"""`labkit emit`: a sample of an event, as it would be published, for a program that is to receive it."""

import sys
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb
from labkit.verbs.tail import forwarder_to


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    return verb(
        say,
        "emit",
        emit,
        [
            click.Argument(["event"], metavar=say("emit.type")),
            click.Option(["--forward", "forward_to"], metavar="URL", help=say("emit.forward")),
        ],
    )


def emit(frame: Frame, *, event: str, forward_to: str | None) -> ExitCode:
    """Show a sample that the schema of its event accepts, with an identifier and a moment of its own."""
    # The samples are loaded by this verb only: the others answer at once.
    from ledger.publishing.contract.examples import examples  # noqa: PLC0415
    from ledger.settings import SOURCE_DEFAULT  # noqa: PLC0415

    samples = examples(SOURCE_DEFAULT)
    found = next((tag for tag in samples if event in (tag, tag.partition(".")[0])), None)
    if found is None:
        raise click.UsageError(frame.say("emit.unknown", value=event, known=", ".join(samples)))
    sample = fresh(samples[found], datetime.now(UTC))
    if forward_to is None:
        text = msgspec.json.encode(sample)
        sys.stdout.write((text if frame.as_json else msgspec.json.format(text)).decode() + "\n")
        return ExitCode.OK
    status = forwarder_to(frame, forward_to).send(msgspec.json.encode(sample))
    frame.answer({"url": forward_to, "status": status, "id": sample["id"]})
    frame.write(frame.say("emit.sent", url=forward_to, status=status))
    return ExitCode.OK


def fresh(sample: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Return a sample as another event: it happened now, and nobody saw its identifier before."""
    moment = at.isoformat().replace("+00:00", "Z")
    return {**sample, "id": str(uuid4()), "time": moment, "recordedtime": moment}
