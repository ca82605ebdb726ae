"""What is published of the contract: the samples that the ledger shows, the JSON Schemas, the AsyncAPI document.

`python -m labkit.contract` writes them; a test fails when they are not what the code says.
"""

from pathlib import Path
from typing import Any

import msgspec

from labkit.contract.samples import sample_messages
from ledger.publishing.contract.asyncapi import asyncapi
from ledger.publishing.contract.examples import FILE, examples_in
from ledger.publishing.contract.schemas import schemas
from ledger.settings import SOURCE_DEFAULT

EXAMPLES = f"ledger/publishing/contract/{FILE}"
DOCUMENTS = "docs/reference/contract"


def documents() -> dict[str, bytes]:
    """Return each file by its path from the root of the project."""
    written = sample_messages()
    samples = examples_in(written)
    found: dict[str, Any] = {
        "asyncapi": asyncapi(SOURCE_DEFAULT, samples),
        **{f"schemas/{name}": schema for name, schema in schemas(SOURCE_DEFAULT, samples).items()},
    }
    return {EXAMPLES: written, **{f"{DOCUMENTS}/{name}.json": _text(document) for name, document in found.items()}}


def write(root: Path) -> None:
    """Write all files."""
    for path, text in documents().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text)


def _text(document: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
