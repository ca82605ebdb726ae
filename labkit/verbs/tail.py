"""`labkit tail`: what happens in the ledger, one line an event, as it happens; sent on to an address if asked."""

import os
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import rich_click as click
from msgspec import Meta, Struct

from labkit.answers import Entry
from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.server_sent_events import follow
from labkit.verbs.entries import line_of
from labkit.verbs.frame import Frame, verb
from ledger.domain.vocabulary import Channel

if TYPE_CHECKING:
    from labkit.forwarding import Forwarder

EVENTS_BEFORE = 10
_decode_moment = msgspec.json.Decoder(Annotated[datetime, Meta(tz=True)]).decode


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    channels = click.Choice([channel.value for channel in Channel])
    return verb(
        say,
        "tail",
        tail,
        [
            click.Option(["--since"], metavar=say("tail.since-value"), help=say("tail.since")),
            click.Option(["--type", "types"], multiple=True, metavar="TYPE", help=say("tail.type")),
            click.Option(["--channel", "channels"], multiple=True, type=channels, help=say("tail.channel")),
            click.Option(["--forward", "forward_to"], metavar="URL", help=say("tail.forward")),
            click.Option(["--follow/--once", "keep_on"], default=True, help=say("tail.follow")),
        ],
    )


class Wanted(Struct, frozen=True, kw_only=True):
    """Which events to tell of: without a choice, all."""

    types: tuple[str, ...]
    channels: tuple[str, ...]

    def holds(self, entry: Entry) -> bool:
        """Tell whether an event is wanted; its version does not matter."""
        stems = {name.partition(".")[0] for name in self.types}
        is_of_type = not stems or entry.event.partition(".")[0] in stems
        return is_of_type and (not self.channels or entry.channel.value in self.channels)


def tail(frame: Frame, *, since: str | None, forward_to: str | None, keep_on: bool, **chosen: Any) -> ExitCode:  # noqa: ANN401  # see `build`
    """Show events after a position or a moment; with `--once`, up to where the ledger stands now."""
    client = frame.client()
    head = client.status().ledger.position
    after = _after(frame, since, head)
    wanted, send = Wanted(**chosen), _sender(frame, forward_to) if forward_to else None
    for data in follow(client, since=after, until=None if keep_on else head, sleep=time.sleep):
        entry = msgspec.json.decode(data, type=Entry)
        if not wanted.holds(entry):
            continue
        if frame.as_json:
            sys.stdout.write(data + "\n")
            sys.stdout.flush()
        else:
            frame.write(line_of(entry, frame.say, with_case=True))
        if send is not None:
            send(entry.position)
    return ExitCode.OK


def _after(frame: Frame, since: str | None, head: int) -> int:
    if since is None:
        return max(0, head - EVENTS_BEFORE)
    if since.isascii() and since.isdigit():
        return int(since)
    try:
        moment = _decode_moment(msgspec.json.encode(since))
    except msgspec.ValidationError:
        raise click.UsageError(frame.say("tail.not-since", value=since)) from None
    # The log itself is opened by these two only: the other uses answer at once.
    from labkit.forwarding import LocalLog  # noqa: PLC0415

    log = LocalLog(frame.data, os.environ)
    try:
        return log.before(moment)
    finally:
        log.close()


def _sender(frame: Frame, url: str) -> Callable[[int], object]:
    from labkit.forwarding import LocalLog  # noqa: PLC0415

    log, forwarder = LocalLog(frame.data, os.environ), forwarder_to(frame, url)
    return lambda position: forwarder.send(log.published(position))


def forwarder_to(frame: Frame, url: str) -> "Forwarder":
    """Return what sends events to an address, having said with which secret they are signed."""
    from labkit.forwarding import Forwarder  # noqa: PLC0415
    from ledger.webhooks.address import BadAddress  # noqa: PLC0415

    try:
        forwarder = Forwarder(url)
    except BadAddress as error:
        raise click.UsageError(frame.say("tail.not-address", value=url, reason=error)) from None
    frame.aside.print(frame.say("tail.signed", secret=forwarder.secret), soft_wrap=True)
    return forwarder
