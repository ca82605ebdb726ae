"""A prototype to try the rooms on: the canteen with every channel, baked once."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.prototype.trying import Trial, prototype
from labkit.scaffold.render import render

CHANNELS = "web, guichet, telephone, mobile, courriel, courrier, agent-conversationnel, reseaux"
TEMPLATES = Path(__file__).parents[2] / "templates"


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the baked project."""
    there = {folder.name.removeprefix("channel-") for folder in TEMPLATES.glob("channel-*")}
    channels = ", ".join(name for name in CHANNELS.split(", ") if name in there)
    folder = tmp_path_factory.mktemp("baked")
    answers = {"project_slug": "cantine", "package_name": "cantine", "channels": channels}
    return render("service-cantine", answers, folder)


@pytest.fixture
def trial(project: Path) -> Iterator[Trial]:
    """The running prototype, on a ledger of its own."""
    with prototype(project) as running:
        yield running
    for name in [name for name in sys.modules if name.partition(".")[0] == "cantine"]:
        del sys.modules[name]
