"""`labkit status`: how far the ledger, the stream and the views have come."""

from collections.abc import Iterator

import msgspec
import rich_click as click
from msgspec import Raw

from labkit.answers import Status
from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, verb
from labkit.verbs.webhook import notes as webhook_notes


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    return verb(say, "status", status)


def status(frame: Frame) -> ExitCode:
    """Show the positions; programs get all that the instance says of itself."""
    said = frame.client().get("/status", Raw)
    now = msgspec.json.decode(said, type=Status)
    frame.answer(said)
    rows = list(_rows(now, frame.say))
    width = max(len(label) for label, _, _ in rows)
    digits = max(len(position) for _, position, _ in rows)
    for label, position, remark in rows:
        frame.write(f"{label:<{width}}  {position:>{digits}}  {remark}".rstrip())
    for line in _assurance(now, frame.say):
        frame.write(line)
    for note in webhook_notes(frame):
        frame.write(note)
    return ExitCode.OK


def _rows(now: Status, say: Texts) -> list[tuple[str, str, str]]:
    head = now.ledger.position
    unreachable = "" if now.stream.reachable else say("status.unreachable")
    return [
        (say("status.ledger"), say.number(head), ""),
        (say("status.stream"), say.number(now.stream.position), unreachable or _behind(now.stream.position, head, say)),
        *(
            (
                say("status.view", name=view.name),
                say.number(view.position),
                say("status.parked", cases=view.parked) if view.parked else _behind(view.position, head, say),
            )
            for view in now.views
        ),
    ]


def _assurance(now: Status, say: Texts) -> Iterator[str]:
    """Return what was audited, what differs, and what an acknowledgement means here."""
    if now.audit:
        yield say("status.audited", position=say.number(now.audit.checked), epoch=now.audit.epoch)
        for found in now.audit.findings:
            yield say("status.found", of=found.of, position=say.number(found.position))
    if now.acknowledgement:
        kept = {
            "disk": say("status.on-disk"),
            "page-cache": say("status.in-page-cache"),
            "unknown": say("status.unknown"),
        }
        told, of_stream = now.acknowledgement, now.acknowledgement.stream
        yield say("status.acknowledged", ledger=kept[told.ledger], store=told.store, stream=kept[of_stream])
    if now.version:
        yield say("status.version", version=now.version)


def _behind(position: int, head: int, say: Texts) -> str:
    return say("status.behind", events=say.number(head - position)) if position < head else ""
