import re
import subprocess
import sys
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import pytest

from labkit.scaffold.catalogue import templates

pytest.importorskip("material", reason="the docs extra is not installed")

DOCS = Path(__file__).parents[1] / "docs"
LANGUAGES = ("fr", "en")

each_language = pytest.mark.parametrize("language", LANGUAGES)


def text_of(language: str) -> str:
    return (DOCS / language / "gallery.md").read_text(encoding="utf-8")


def test_the_gallery_says_what_the_templates_say(tmp_path: Path) -> None:
    # In a process of its own: a template's code is imported, and other tests change theirs.
    subprocess.run([sys.executable, str(DOCS / "gallery.py"), str(tmp_path)], check=True, timeout=110)

    for language in LANGUAGES:
        made = (tmp_path / language / "gallery.md").read_text(encoding="utf-8")
        assert text_of(language) == made, "run: python docs/gallery.py"


@each_language
def test_every_template_has_its_place_and_how_to_start_from_it(language: str) -> None:
    assert [name for name in templates() if f"{{ #{name} }}" not in text_of(language)] == []
    assert re.findall(r"^labkit new (\S+)$", text_of(language), re.MULTILINE) == re.findall(
        r"^### .* \{ #(\S+) \}$", text_of(language), re.MULTILINE
    )


@each_language
def test_a_picture_is_shown_only_if_it_was_taken(language: str, tmp_path: Path) -> None:
    shown, hook = re.compile(r"^!\[.+\]\((.+)\)", re.MULTILINE), run_path(str(DOCS / "hooks.py"))["on_page_markdown"]
    missed = hook(text_of(language), config=SimpleNamespace(docs_dir=str(tmp_path)))
    assert shown.findall(missed) == []

    taken = tmp_path / f"assets/gallery/service-cantine-wide-{language}.png"
    taken.parent.mkdir(parents=True)
    taken.touch()

    found = hook(text_of(language), config=SimpleNamespace(docs_dir=str(tmp_path)))
    assert shown.findall(found) == [taken.relative_to(tmp_path).as_posix()]


def test_without_a_browser_no_picture_is_taken_and_it_is_said() -> None:
    command = [sys.executable, str(DOCS / "pictures.py")]

    said = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60)

    assert said.stdout.startswith("No pictures in the gallery")
