"""How to make each event happen on a ledger of one's own: the commands that lead to it, from an empty ledger on.

Each event has a case and a citizen of its own, and its commands bear their identifiers: so they may be sent again, and
whatever became of the others. What is personal is left out but for a title, so that there is something to seal.
"""

import re
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from labkit.contract.samples import sample_log
from labkit.controls.commands import a_command_of_every_kind
from ledger.api.commands import ROUTES
from ledger.domain.citizen import personal_fields
from ledger.domain.commands import Command

FIRST = ("register-authority", "publish-service", "open-case")
ALSO = {
    "correct-interaction": "record-interaction",
    "receive-documents": "request-documents",
    "reopen-case": "close-case",
}
"""What a command cannot go without, beside an open case."""
TITLE = "Une place à la cantine"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COMMANDS = {str(type(command).__struct_config__.tag): command for command in a_command_of_every_kind()}
_PATHS = {str(kind.__struct_config__.tag): path.replace(":str", "") for path, kind in ROUTES}


def recorded_by(tag: str) -> dict[str, str]:
    """Return the commands that lead to an event, each with its address; the one that asks for nothing else first."""
    by_command: dict[UUID, list[str]] = {}
    for logged in sample_log():
        by_command.setdefault(logged.metadata.command_id, []).append(logged.tag)
    found = sorted(
        (len(by_command[command.command_id]), name)
        for name, command in _COMMANDS.items()
        if tag in by_command.get(command.command_id, ())
    )
    return {name: _PATHS[name] for _, name in found}


def commands_to(tag: str) -> str:
    """Return the commands to send, in order, as the body of one request: a command a line."""
    last = next(iter(recorded_by(tag)))
    before = FIRST[: FIRST.index(last)] if last in FIRST else FIRST
    wanted = [*before, *([ALSO[last]] if last in ALSO else ()), last]
    lines = ",\n".join(f"  {_line(_COMMANDS[name])}" for name in wanted)
    return _UUID.sub(lambda found: str(uuid5(UUID(found[0]), tag)), f"[\n{lines}\n]")


def _line(command: Command) -> str:
    personal = personal_fields(type(command))
    bare = replace(command, **{name: TITLE if name == "title" else "" for name in personal})
    return msgspec.json.format(msgspec.json.encode(bare), indent=0).decode()
