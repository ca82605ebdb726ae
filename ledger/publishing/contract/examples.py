"""One published message of each event, from the samples of the lab: `python -m labkit.contract` writes them down.

Where a sealed token would stand, `sealed:…` stands: a real one opens in one ledger only.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from ledger.settings import SOURCE_DEFAULT

FILE = "examples.json"

Samples = Mapping[str, Any]
"""A CloudEvent of each event, by its tag."""


def examples(source: str) -> Samples:
    """Return what is written down, as the ledger of a source would have published it."""
    return examples_in(_written().replace(SOURCE_DEFAULT.encode(), source.encode()))


def examples_in(text: bytes) -> Samples:
    """Read a CloudEvent of each event."""
    return msgspec.json.decode(text, type=dict[str, Any])


@cache
def _written() -> bytes:
    return files(__package__).joinpath(FILE).read_bytes()
