"""The page that plays a recording, read as text: whole, bilingual, and with nothing in it that was not meant."""

import re
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from labkit.exit_codes import ExitCode
from labkit.prototype.look.theme import THEMES, read_theme
from labkit.replay.entries import clock_of, json_of
from labkit.replay.player import page_of
from labkit.replay.recorded import FORMAT, Entry, FormSent, Header, PageShown, Recording
from labkit.replay.recording_file import write_recording
from tests.running import labkit

NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u2028\"'&"
HEADER = Header(
    format=FORMAT,
    kit="2026.11.0",
    began_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
    project="Cantine",
    service="cantine",
    authority_name="Ville de Pau",
    languages=("fr", "en"),
)


def page(*entries: Entry, header: Header = HEADER) -> str:
    return page_of(Recording(header=header, entries=entries), read_theme(THEMES / "neutral.toml"))


def shown(**given: object) -> PageShown:
    told = {"offset": 1.0, "path": "/fr", "title": "Cantine", "language": "fr", "html": "<html><body><p>Bonjour"}
    return msgspec.convert({"kind": "page", **told, **given}, PageShown)


class Elements(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.texts: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.tags[-1] if self.tags else "", []).append(data)


def read(html: str) -> Elements:
    elements = Elements()
    elements.feed(html)
    return elements


def test_nothing_recorded_becomes_part_of_the_page() -> None:
    header = msgspec.structs.replace(HEADER, project=NASTY, authority_name=NASTY)
    html = page(
        shown(title=NASTY, path=NASTY, html=f"<html><body><p>{NASTY}</p>"),
        FormSent(offset=2.0, path=NASTY),
        header=header,
    )
    elements = read(html)

    assert elements.tags.count("script") == 2
    assert "img" not in elements.tags
    assert not [name for name in elements.attributes if name.startswith("on")]


def test_the_page_asks_for_nothing_and_its_policy_would_refuse() -> None:
    elements = read(page(shown()))
    policy = next(value for value in elements.attributes["content"] if "default-src" in value)

    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "src" not in elements.attributes
    assert all(href.startswith(("#", "data:,")) for href in elements.attributes["href"])


def test_the_policy_names_the_script_and_the_styles_that_are_there() -> None:
    html = page(shown())
    parts = [
        *re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL),
        re.findall(r"<script>(.*?)</script>", html, re.DOTALL)[0],
    ]

    for part in parts:
        assert b64encode(sha256(part.encode()).digest()).decode() in html


def test_every_text_is_there_in_both_languages() -> None:
    html = page(shown(), FormSent(offset=1.0, path="/fr/start"))
    said = re.findall(r'<span class="said" lang="(fr|en)">', html)

    assert said.count("fr") == said.count("en") > 30
    assert "Formulaire envoyé" in html
    assert "Form sent" in html


def test_a_service_of_one_language_speaks_only_that() -> None:
    html = page(shown(), header=msgspec.structs.replace(HEADER, languages=("fr",)))

    assert 'class="said" lang="fr"' in html
    assert 'class="said" lang="en"' not in html
    assert "in-fr" not in read(html).attributes.get("id", [])


def test_an_empty_recording_is_a_page_too() -> None:
    assert "Cantine" in page()


def test_data_in_a_page_cannot_end_their_element() -> None:
    assert not set("<>&\u2028\u2029") & set(json_of({"a": NASTY}))


@pytest.mark.parametrize(("offset", "clock"), [(0.0, "0:00"), (67.9, "1:07"), (3607.0, "1:00:07")])
def test_a_time_is_told_as_on_a_clock(offset: float, clock: str) -> None:
    assert clock_of(offset) == clock


def test_the_verb_writes_one_file_and_leaves_nothing_beside(project: Path, tmp_path: Path) -> None:
    recording, output = tmp_path / "trial.jsonl", tmp_path / "out" / "replay.html"
    write_recording(recording, Recording(header=HEADER, entries=(shown(),)))

    said = labkit("publish", "--replay", str(recording), "--output", str(output), "--project", str(project), "--json")

    assert said.returncode == ExitCode.OK, said.stderr
    assert [file.name for file in output.parent.iterdir()] == ["replay.html"]
    assert msgspec.json.decode(said.stdout)[0]["sha256"] == sha256(output.read_bytes()).hexdigest()


def test_in_a_folder_the_page_has_its_own_name(project: Path, tmp_path: Path) -> None:
    recording, output = tmp_path / "trial.jsonl", tmp_path / "site"
    write_recording(recording, Recording(header=HEADER, entries=(shown(),)))
    output.mkdir()
    (output / "index.html").touch()

    said = labkit("publish", "--replay", str(recording), "--output", str(output), "--project", str(project))

    assert said.returncode == ExitCode.OK, said.stderr
    assert sorted(file.name for file in output.iterdir()) == ["index.html", "replay.html"]


def test_where_nothing_can_be_written_nothing_is_left(project: Path, tmp_path: Path) -> None:
    recording = tmp_path / "trial.jsonl"
    write_recording(recording, Recording(header=HEADER, entries=(shown(),)))
    (tmp_path / "file").write_text("")

    said = labkit("publish", "--replay", str(recording), "--output", str(tmp_path / "file" / "replay.html"))

    assert said.returncode == ExitCode.STORAGE
    assert "nothing was changed" in said.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "trial.jsonl"]
