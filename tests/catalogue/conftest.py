"""One pack of the canteen a session, and a home of its own for every test."""

from pathlib import Path

import pytest

from labkit.catalogue.pack import Pack, archive_of
from tests.catalogue.example import example


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The canteen, signed."""
    return example(tmp_path_factory.mktemp("canteen"))


@pytest.fixture
def archive(made: Pack, tmp_path: Path) -> Path:
    """Its archive, in a file."""
    file = tmp_path / made.name
    file.write_bytes(archive_of(made))
    return file


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where keys and what is trusted are kept, empty."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_CONFIG_HOME", "LABKIT_SIGNING_KEY", "LABKIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return folder
