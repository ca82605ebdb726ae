"""How one event is shown on one line, by `tail` and by `history` alike."""

import msgspec
from msgspec import Struct
from rich.text import Text

from labkit.answers import Entry
from labkit.messages import Texts


class Public(Struct, frozen=True):
    """The few fields of an event that help a reader and are never personal."""

    activity: str | None = None
    agent: str | None = None
    unit: str | None = None
    to_unit: str | None = None
    to_authority: str | None = None
    direction: str | None = None
    outcome: str | None = None
    reason: str | None = None
    name: str | None = None
    reference: str | None = None


def line_of(entry: Entry, say: Texts, *, with_case: bool) -> Text:
    """Return position, moment, channel, what happened and, where asked, to which case."""
    public = msgspec.json.decode(bytes(entry.data), type=Public)
    details = [str(value) for value in msgspec.structs.astuple(public) if value]
    moment = entry.occurred_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    line = Text.assemble(
        (f"{entry.position:>7}", "bold"),
        f"  {moment}  {entry.channel.label(say.language):<22}  ",
        (event_label(entry.event, say), "cyan"),
        f"  {' · '.join(details)}" if details else "",
    )
    if with_case and entry.case_id is not None:
        line.append(f"  {entry.case_id}", style="dim")
    return line


def event_label(event: str, say: Texts) -> str:
    """Return what an event is called; one from a newer version keeps its tag."""
    try:
        return say(f"event.{event.partition('.')[0]}")
    except KeyError:
        return event
