"""How one event is shown on one line, by `tail` and by `history` alike."""

import msgspec
from msgspec import Struct
from rich.text import Text

from labkit.answers import Entry
from labkit.messages import Texts
from ledger.domain.citizen import personal_fields
from ledger.domain.events import BY_TAG


class Public(Struct, frozen=True):
    """The few fields of an event that help a reader; where one of them is personal, it is not shown."""

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
    told = msgspec.structs.asdict(msgspec.json.decode(bytes(entry.data), type=Public))
    kind = BY_TAG.get(entry.event)
    hidden = personal_fields(kind) if kind else tuple(told)
    details = [str(value) for name, value in told.items() if value and name not in hidden]
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
