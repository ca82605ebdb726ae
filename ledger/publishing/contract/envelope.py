"""The CloudEvent around every event as a schema: its attributes, ours among them, and where the data stand.

Attributes are in clear for whoever reads the stream: none of them holds anything personal.
"""

from typing import Any

import msgspec

from ledger.domain.identifiers import ServiceCode, Siren
from ledger.publishing.cloudevents import JSON_CONTENT_TYPE, SPECVERSION
from ledger.publishing.contract.structs import Schema, field, said
from ledger.publishing.contract.texts import texts
from ledger.publishing.published import SEQUENCE_DIGITS, TYPE_PREFIX, Envelope

_SHAPES: dict[str, dict[str, Any]] = {
    "specversion": {"const": SPECVERSION},
    "source": {"format": "uri"},
    "type": {"pattern": f"^{TYPE_PREFIX.replace('.', '[.]')}[a-z0-9]+(-[a-z0-9]+)*[.]v[1-9][0-9]*$"},
    "sequence": {"pattern": f"^[0-9]{{{SEQUENCE_DIGITS}}}$"},
    "datacontenttype": {"const": JSON_CONTENT_TYPE},
    "authority": {"pattern": msgspec.json.schema(Siren)["pattern"]},
    "service": {"pattern": msgspec.json.schema(ServiceCode)["pattern"]},
    "dataschema": {"format": "uri"},
    "traceparent": {"pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},
    "data": {"type": "object"},
}


def envelope(reference: str) -> Schema:
    """Return the schema of a CloudEvent of the ledger, whichever event it bears."""
    _, found = msgspec.json.schema_components([Envelope], ref_template=reference)
    shapes: dict[str, Schema] = found[Envelope.__name__]["properties"]
    return {
        "title": "CloudEvent",
        **said(texts().note["envelope"]),
        "type": "object",
        "properties": {
            name: {**field(shape), **_SHAPES.get(name, {}), **said(texts().attribute[name])}
            for name, shape in shapes.items()
        },
        "required": found[Envelope.__name__]["required"],
        "additionalProperties": True,
    }
