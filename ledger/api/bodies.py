"""From the body of a request to a command: decoded, completed with what the address says, checked.

Nothing is guessed: what contradicts the address or does not have the shape of the command is not taken.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import GenericAlias
from typing import Annotated, Any, Union, get_args
from uuid import UUID, uuid5

import msgspec
from msgspec import Meta, Struct

from ledger.api.problems import Malformed
from ledger.domain.commands import Command, LedgerCommand
from ledger.domain.events import Attachment, Particulars
from ledger.store.identities import new_id

BATCH_MAX = 1_000
MADE_HERE = ("case_id", "interaction_id", "step_id", "request_id")


def _strict(kind: type[Struct]) -> type[Struct]:
    config = kind.__struct_config__
    return msgspec.defstruct(
        kind.__name__, [], bases=(kind,), forbid_unknown_fields=True, tag=config.tag, tag_field=config.tag_field
    )


# Events share these parts and have to be read leniently; in a command, a field that is not known is a slip.
_Parts = msgspec.defstruct(
    "_Parts",
    [
        ("particulars", Union[(None, *map(_strict, get_args(Particulars)))], None),
        ("attachments", GenericAlias(tuple, (_strict(Attachment), ...)), ()),
        ("document", _strict(Attachment) | None, None),
    ],
)
_decode_parts = msgspec.json.Decoder(GenericAlias(list, (_Parts,))).decode
_decode_fields = msgspec.json.Decoder(dict[str, Any]).decode
_decode_many: Callable[[bytes], list[LedgerCommand]] = msgspec.json.Decoder(
    Annotated[list[LedgerCommand], Meta(max_length=BATCH_MAX)]
).decode


def read_command(body: bytes, kind: type[Command], path: Mapping[str, str]) -> tuple[LedgerCommand, dict[str, UUID]]:
    """Return the command of a body, and the identifiers that were made here because the body left them out.

    They are made from the identifier of the command, so that the same request again is the same command.

    Raises:
        Malformed: the body is no such command, or contradicts the address.
    """
    with _explained():
        fields = _decode_fields(body)
        _add(fields, {**path, "command": str(kind.__struct_config__.tag)})
        if "command_id" not in fields:
            fields["command_id"] = str(new_id())
        if "occurred_at" not in fields:
            fields["occurred_at"] = datetime.now(UTC).isoformat()
        made = [name for name in MADE_HERE if name in kind.__struct_fields__ and name not in fields]
        identifiers: dict[str, UUID] = {}
        if made:
            command_id = msgspec.convert({"command_id": fields["command_id"]}, _Identified).command_id
            identifiers = {name: uuid5(command_id, name) for name in made}
        command: LedgerCommand = msgspec.convert(fields | identifiers, kind)  # type: ignore[assignment]  # ROUTES holds LedgerCommand's members
        msgspec.convert(fields, _Parts)
    return command, identifiers


def read_commands(body: bytes) -> list[LedgerCommand]:
    """Return the commands of a body that holds many.

    Raises:
        Malformed: the body is no list of commands, or too long a one.
    """
    with _explained():
        commands = _decode_many(body)
        _decode_parts(body)
    return commands


class _Identified(Struct):
    command_id: UUID


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except msgspec.ValidationError as error:
        raise Malformed("invalid-command", reason=str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("malformed-json", reason=str(error)) from error


def _add(fields: dict[str, Any], known: Mapping[str, str]) -> None:
    for name, value in known.items():
        given = fields.setdefault(name, value)
        # A UUID may be written in capitals.
        if not isinstance(given, str) or given.lower() != value.lower():
            raise Malformed("contradicting-path", field=name)
