"""A canteen to spoil, baked once, and forgotten by Python after each test."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.scaffold.render import render

PACKAGE = "cantine_verifiee"


@pytest.fixture(scope="session")
def baked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The canteen as its template gives it."""
    answers = {"project_slug": "cantine", "package_name": PACKAGE, "channels": "web, guichet"}
    return render("service-cantine", answers, tmp_path_factory.mktemp("baked"))


@pytest.fixture
def project(baked: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it for one test."""
    paths = list(sys.path)
    yield Path(shutil.copytree(baked, tmp_path / "cantine"))
    sys.path[:] = paths
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def package(project: Path) -> Path:
    """The folder of its code."""
    return project / "src" / PACKAGE
