"""`labkit open311 key`: who may file requests by Open311. The server itself runs with `labkit up`."""

from datetime import UTC, datetime

import rich_click as click
from msgspec import Struct
from rich import box
from rich.table import Table

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.open311.keys import Key, add_key, read_keys, revoke_key
from labkit.verbs.frame import Frame, language_option, verb, with_help


class MadeKey(Struct, frozen=True, kw_only=True):
    """A key as it is told once, to whoever made it."""

    id: str
    partner: str
    api_key: str


class ListedKey(Struct, frozen=True, kw_only=True):
    """A key as it is told afterwards."""

    id: str
    partner: str
    made_at: datetime


def build(say: Texts) -> click.RichCommand:
    """Describe the verb; what can be done with keys is two verbs below it."""
    name = click.Argument(["name"], metavar=say("open311-key-add.name"))
    key_id = click.Argument(["key_id"], metavar=say("open311-key-revoke.id"))
    keys = click.RichGroup(
        name="key",
        commands=[
            verb(say, "open311 key add", add, [name]),
            verb(say, "open311 key list", show),
            verb(say, "open311 key revoke", revoke, [key_id]),
        ],
        params=[language_option(say)],
        help=say("open311-key.help"),
        short_help=say("open311-key.short"),
    )
    group = click.RichGroup(
        name="open311",
        commands=[with_help(say, keys)],
        params=[language_option(say)],
        help=say("open311.help"),
        short_help=say("open311.short"),
    )
    return with_help(say, group)


def add(frame: Frame, *, name: str) -> ExitCode:
    """Make a key, and show it once."""
    key, secret = add_key(frame.data, name, datetime.now(UTC))
    frame.answer(MadeKey(id=key.id, partner=key.partner, api_key=secret))
    frame.write(frame.say("open311-key-add.made", partner=key.partner, id=key.id))
    frame.write(secret)
    frame.write(frame.say("open311-key-add.once"))
    return ExitCode.OK


def show(frame: Frame) -> ExitCode:
    """Show whose keys there are; no key can be shown again."""
    keys = read_keys(frame.data)
    frame.answer([ListedKey(id=key.id, partner=key.partner, made_at=key.made_at) for key in keys])
    if not keys:
        frame.write(frame.say("open311-key-list.none"))
    elif not frame.as_json:
        frame.console.print(_table(keys, frame.say))
    return ExitCode.OK


def revoke(frame: Frame, *, key_id: str) -> ExitCode:
    """Let a key open nothing any more."""
    key = revoke_key(frame.data, key_id)
    frame.answer(ListedKey(id=key.id, partner=key.partner, made_at=key.made_at))
    frame.write(frame.say("open311-key-revoke.done", partner=key.partner, id=key.id))
    return ExitCode.OK


def _table(keys: tuple[Key, ...], say: Texts) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say("open311-key-list.id"), style="bold", no_wrap=True)
    table.add_column(say("open311-key-list.partner"))
    table.add_column(say("open311-key-list.made"))
    for key in keys:
        table.add_row(key.id, key.partner, key.made_at.astimezone().strftime("%Y-%m-%d %H:%M"))
    return table
