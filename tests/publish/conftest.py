"""A prototype to publish, record and play: the canteen, baked once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.prototype.trying import Trial, prototype
from labkit.scaffold.render import render


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the baked project."""
    answers = {"project_slug": "essai", "package_name": "essai"}
    return render("service-cantine", answers, tmp_path_factory.mktemp("baked"))


@pytest.fixture
def trial(project: Path) -> Iterator[Trial]:
    """The running prototype, on a ledger of its own, without a gate."""
    with prototype(project) as running:
        yield running
