"""The structs of commands, questions and answers as schemas of one OpenAPI document.

What is sent is read strictly, so its schemas are closed; what is answered may grow, so its schemas are open. What was
published stands as the contract of the stream describes it, under `Published…`.
"""

from collections.abc import Iterable, Iterator
from typing import Any, get_args, get_type_hints

import msgspec
from msgspec import Struct

from labkit.contract.texts import texts
from labkit.status import SiteStatus
from ledger.api.app import LedgerStatus
from ledger.api.bodies import BATCH_MAX, MADE_HERE
from ledger.api.commands import BatchReceipt, Receipt
from ledger.api.health import Alive, Ready
from ledger.api.log import LogPage
from ledger.api.problems import Problem
from ledger.domain.commands import COMMANDS, Command
from ledger.domain.events import BY_TAG
from ledger.publishing.contract import structs
from ledger.publishing.contract.envelope import envelope
from ledger.publishing.contract.structs import PARTS, Schema, said
from ledger.publishing.contract.texts import Said
from ledger.publishing.contract.texts import texts as texts_of_the_stream
from projections.api import Rows
from projections.engine.file import ParkedCase
from projections.overview import Overview
from projections.reader import INBOXES, ViewStatus
from projections.timeline import TimelineEntry

BATCH = "Commands"
VIEWS = "Views"
INBOX_PAGE, TIMELINE_PAGE, PARKED_PAGE = "InboxPage", "TimelinePage", "ParkedPage"
_REFERENCE = "#/components/schemas/{name}"
_PUBLISHED = "Published{name}"
_GIVEN_BY_DEFAULT = ("command", "command_id", "occurred_at", *MADE_HERE)
_NULL = {"type": "null"}


def reference(name: str) -> Schema:
    """Return a reference to a component."""
    return {"$ref": _REFERENCE.format(name=name)}


def components() -> dict[str, Schema]:
    """Return every schema that the addresses refer to, by its name."""
    return {**_commands(), **_answers(), **_published()}


def body_of(kind: type[Command], elsewhere: Iterable[str]) -> Schema:
    """Return what the body of a command holds when the address says some of it."""
    whole = _commands()[kind.__name__]
    optional = {*_GIVEN_BY_DEFAULT, *elsewhere}
    return {
        **whole,
        "properties": {name: shape for name, shape in whole["properties"].items() if name not in elsewhere},
        "required": [name for name in whole["required"] if name not in optional],
    }


def questions(kind: type[Struct]) -> dict[str, Schema]:
    """Return the schema of each parameter that a query may hold: what is left out is not there, never null."""
    _, parts = msgspec.json.schema_components([kind], ref_template=_REFERENCE)
    return {name: _there(found, parts) for name, found in parts[kind.__name__]["properties"].items()}


def _there(found: Schema, parts: dict[str, Schema]) -> Schema:
    if "anyOf" in found:
        (found,) = (some for some in found["anyOf"] if some != _NULL)
    named = found.get("$ref", "").rpartition("/")[2]
    return parts[named] if named else found


def _commands() -> dict[str, Schema]:
    _, found = msgspec.json.schema_components(COMMANDS, ref_template=_REFERENCE)
    closed = {part.__name__ for part in PARTS}
    described = {kind.__name__: dict(_described(kind, found[kind.__name__])) for kind in COMMANDS}
    tagged = {str(kind.__struct_config__.tag): reference(kind.__name__) for kind in COMMANDS}
    batch = {
        "type": "array",
        "maxItems": BATCH_MAX,
        "items": {
            "oneOf": list(tagged.values()),
            "discriminator": {
                "propertyName": "command",
                "mapping": {tag: shape["$ref"] for tag, shape in tagged.items()},
            },
        },
    }
    shut = {name: {**shape, "additionalProperties": False} for name, shape in found.items() if name in closed}
    return {**found, **shut, **described, BATCH: batch}


def _described(kind: type[Command], found: Schema) -> Iterator[tuple[str, Any]]:
    for keyword, value in found.items():
        yield keyword, value
        if keyword == "description":
            yield "x-description-fr", texts().command[str(kind.__struct_config__.tag)]
    yield (
        "properties",
        {name: {**shape, **said(_meaning(kind, name))} for name, shape in found["properties"].items()},
    )


def _meaning(kind: type[Command], name: str) -> Said:
    return texts().field.get(name) or texts_of_the_stream().of_field(kind, name)


def _answers() -> dict[str, Schema]:
    rows = [get_args(get_type_hints(module.rows)["return"])[0] for module in INBOXES.values()]
    kinds = [Receipt, BatchReceipt, Problem, LedgerStatus, Alive, Ready, SiteStatus, Overview, TimelineEntry]
    kinds += [ParkedCase, LogPage]
    _, found = msgspec.json.schema_components([*kinds, ViewStatus, Rows, *rows], ref_template=_REFERENCE)
    page = found.pop(Rows.__name__)
    data = {"oneOf": [reference(_PUBLISHED.format(name=event.__name__)) for event in BY_TAG.values()]}
    # The inboxes of channels come first: whatever is one of them is a row of the inbox of all, too.
    by_channel_first = sorted(rows, key=lambda row: -len(row.__struct_fields__))
    return {
        **found,
        "TimelineEntry": _with(found["TimelineEntry"], data=data),
        "LogPage": _with(found["LogPage"], events=_list_of(reference(_PUBLISHED.format(name="CloudEvent")))),
        INBOX_PAGE: _with(page, rows=_list_of({"anyOf": [reference(row.__name__) for row in by_channel_first]})),
        TIMELINE_PAGE: _with(page, rows=_list_of(reference("TimelineEntry"))),
        PARKED_PAGE: _with(page, rows=_list_of(reference("ParkedCase"))),
        VIEWS: _list_of(reference("ViewStatus")),
    }


def _published() -> dict[str, Schema]:
    published = _REFERENCE.format(name=_PUBLISHED)
    found = {**structs.components(published), "CloudEvent": envelope(published)}
    return {_PUBLISHED.format(name=name): shape for name, shape in found.items()}


def _with(found: Schema, **properties: Schema) -> Schema:
    return {**found, "properties": {**found["properties"], **properties}}


def _list_of(shape: Schema) -> Schema:
    return {"type": "array", "items": shape}
