"""The catalogue's pages say what the signed entries say, and only those."""

import shutil
from pathlib import Path

import pytest

from labkit.catalogue.entry import ENTRY_FILE, read_entry
from labkit.catalogue.failures import BrokenPack
from labkit.catalogue.pack import Pack
from labkit.catalogue.pages import FOLDER, pages
from tests.catalogue.example import shown

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", ["docs/fr/catalogue.md", "docs/en/catalogue.md"])
def test_a_page_says_what_the_entries_say(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == pages(ROOT)[path], "run: python -m labkit.catalogue.pages"


def test_the_example_is_what_the_template_gives(made: Pack) -> None:
    for path, data in shown(made).items():
        assert (ROOT / path).read_bytes() == data, "run: python -m tests.catalogue.example"


def test_an_entry_that_was_changed_is_shown_nowhere(tmp_path: Path) -> None:
    shutil.copytree(ROOT / FOLDER, tmp_path / FOLDER)
    file = next((tmp_path / FOLDER).glob(f"*/{ENTRY_FILE}"))
    file.write_bytes(file.read_bytes().replace(b"Apache-2.0", b"Apache-1.0"))

    with pytest.raises(BrokenPack):
        pages(tmp_path)


def test_every_event_and_each_of_its_fields_is_on_the_page() -> None:
    for file in (ROOT / FOLDER).glob(f"*/{ENTRY_FILE}"):
        for event in read_entry(file.read_bytes()).events:
            for page in pages(ROOT).values():
                row = next(line for line in page.splitlines() if line.startswith(f"| `{event.name}`"))
                assert all(f"`{field.name}`" in row for field in event.fields)
