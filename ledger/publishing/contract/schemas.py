"""The JSON Schemas (2020-12) of the data of each event, and of the CloudEvent around them.

Their `$id` is the address that `dataschema` names, under the source of the ledger that publishes: what a subscriber
fetches says of itself that it is what was asked for. In the documentation that source is the one of a ledger without
settings. An address never changes what it means: what breaks gets a new tag, so a new address.
"""

import re
from collections.abc import Iterator

import msgspec

from ledger.domain.events import BY_TAG
from ledger.publishing.contract.envelope import envelope
from ledger.publishing.contract.examples import Samples
from ledger.publishing.contract.structs import Schema, components
from ledger.publishing.contract.texts import texts
from ledger.publishing.published import schema_address

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ENVELOPE = "cloudevent"
_REFERENCE = "#/$defs/{name}"
_REFERRED = re.compile(rb'"#/\$defs/(\w+)"')


def schemas(source: str, samples: Samples) -> dict[str, Schema]:
    """Return every schema of the ledger of a source by its name: the tags of the events, and `cloudevent`."""
    return dict(_schemas(source, samples))


def _schemas(source: str, samples: Samples) -> Iterator[tuple[str, Schema]]:
    parts = components(_REFERENCE)
    for tag, event in BY_TAG.items():
        yield tag, _standing_alone(tag, source, {**parts[event.__name__], "examples": [samples[tag]["data"]]}, parts)
    whole = {**envelope(_REFERENCE), "examples": list(samples.values())}
    yield ENVELOPE, _standing_alone(ENVELOPE, source, whole, parts)


def _standing_alone(name: str, source: str, schema: Schema, parts: dict[str, Schema]) -> Schema:
    referred = _referred(schema, parts)
    return {
        "$schema": DIALECT,
        "$id": schema_address(name, source),
        "$comment": texts().note["open"].en,
        **schema,
        "$defs": {part: shape for part, shape in parts.items() if part in referred},
    }


def _referred(schema: Schema, parts: dict[str, Schema]) -> set[str]:
    """Return the parts that a schema refers to, directly or through others."""
    own = {name.decode() for name in _REFERRED.findall(msgspec.json.encode(schema))}
    return own.union(*(_referred(parts[name], parts) for name in own))
