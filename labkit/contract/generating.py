"""What is published of the contract: the samples that the ledger shows, JSON Schemas, AsyncAPI and OpenAPI documents.

`python -m labkit.contract` writes them; a test fails when they are not what the code says. `python -m labkit.contract
release` keeps them beside, as those of the last release: a test fails when the code breaks those who rely on it.
"""

from pathlib import Path
from typing import Any

import msgspec

from labkit.contract.comparing import compare
from labkit.contract.differing import Change
from labkit.contract.openapi import openapi
from labkit.contract.samples import sample_messages
from ledger.publishing.contract.asyncapi import asyncapi
from ledger.publishing.contract.examples import FILE, examples_in
from ledger.publishing.contract.schemas import schemas
from ledger.settings import SOURCE_DEFAULT

EXAMPLES = f"ledger/publishing/contract/{FILE}"
DOCUMENTS = "docs/reference/contract"
RELEASED = f"{DOCUMENTS}/released"


def documents() -> dict[str, bytes]:
    """Return each file by its path from the root of the project."""
    return {EXAMPLES: sample_messages(), **{f"{DOCUMENTS}/{name}": text for name, text in published().items()}}


def published() -> dict[str, bytes]:
    """Return each document of the contract by its path from their folder."""
    samples = examples_in(sample_messages())
    found: dict[str, Any] = {
        "asyncapi": asyncapi(SOURCE_DEFAULT, samples),
        "openapi": openapi(),
        **{f"schemas/{name}": schema for name, schema in schemas(SOURCE_DEFAULT, samples).items()},
    }
    return {f"{name}.json": _text(document) for name, document in found.items()}


def write(root: Path) -> None:
    """Write all files."""
    _write(root, documents())


def release(root: Path) -> list[Change]:
    """Keep the contract as the one of the last release, unless something breaks: return what does."""
    broken = breaking(root)
    if not broken:
        _write(root / RELEASED, published())
    return broken


def breaking(root: Path) -> list[Change]:
    """Return what breaks those who rely on the last release."""
    released = {
        path.relative_to(root / RELEASED).with_suffix("").as_posix(): _document(path.read_bytes())
        for path in (root / RELEASED).rglob("*.json")
    }
    now = {name.removesuffix(".json"): _document(text) for name, text in published().items()}
    return [change for change in compare(released, now) if change.breaking] if released else []


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text)


def _document(text: bytes) -> dict[str, Any]:
    return msgspec.json.decode(text, type=dict[str, Any])


def _text(document: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
