"""The prototype under test, on a ledger in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from labkit.prototype.trying import Trial, prototype

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def trial() -> Iterator[Trial]:
    """The running prototype, and a browser in front of it."""
    with prototype(PROJECT) as running:
        yield running
