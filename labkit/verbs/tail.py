"""`labkit tail`: what happens in the ledger, one line an event, as it happens."""

import sys
import time

import msgspec
import rich_click as click

from labkit.answers import Entry
from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.server_sent_events import follow
from labkit.verbs.entries import line_of
from labkit.verbs.frame import Frame, verb

EVENTS_BEFORE = 10


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    return verb(
        say,
        "tail",
        tail,
        [
            click.Option(["--since"], type=click.IntRange(min=0), help=say("tail.since")),
            click.Option(["--follow/--once", "keep_on"], default=True, help=say("tail.follow")),
        ],
    )


def tail(frame: Frame, *, since: int | None, keep_on: bool) -> ExitCode:
    """Show events after a position; with `--once`, up to where the ledger stands now."""
    client = frame.client()
    head = client.status().ledger.position
    after = max(0, head - EVENTS_BEFORE) if since is None else since
    for data in follow(client, since=after, until=None if keep_on else head, sleep=time.sleep):
        if frame.as_json:
            sys.stdout.write(data + "\n")
            sys.stdout.flush()
        else:
            entry = msgspec.json.decode(data, type=Entry)
            frame.write(line_of(entry, frame.say, with_case=True))
    return ExitCode.OK
