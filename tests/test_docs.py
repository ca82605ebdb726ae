import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin

import pytest
import yaml

from ledger.domain.events import BY_TAG
from ledger.settings import SettingsError, read_settings

pytest.importorskip("material", reason="the docs extra is not installed")

DOCS = Path(__file__).parent.parent / "docs"
LANGUAGES = ("fr", "en")
HOST = "http://site.invalid/"
OUTSIDE = re.compile(r"(https?:)?//")
CODE = re.compile(r"```.*?```|`[^`\n]*`|^---\n.*?^---$", re.DOTALL | re.MULTILINE)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.requests: list[str] = []
        self.alternates: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.anchors |= {attributes[name] for name in ("id", "name") if name in attributes}
        if tag == "link" and attributes.get("rel") == "alternate":
            self.alternates[attributes["hreflang"]] = attributes["href"]
        if "href" in attributes:
            self.links.append(attributes["href"])
        loads = [attributes.get("src", ""), attributes.get("href", "") if tag == "link" else ""]
        self.requests += [address for address in loads if address]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Page]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "index.html").write_bytes((DOCS / "index.html").read_bytes())
    for language in LANGUAGES:
        config = ["-f", DOCS / f"mkdocs.{language}.yml", "-d", folder / language]
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", *config]
        subprocess.run(command, check=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    return {
        path.relative_to(folder).as_posix().removesuffix("index.html"): Page(path.read_text(encoding="utf-8"))
        for path in folder.rglob("*.html")
    }


def sources(language: str) -> set[str]:
    pages = {path.relative_to(DOCS / language).as_posix() for path in (DOCS / language).rglob("*.md")}
    return {page for page in pages if not page.startswith("decisions/")}


def navigation(language: str) -> list[str]:
    def leaves(node: object) -> list[str]:
        if isinstance(node, dict):
            node = list(node.values())
        return [leaf for child in node for leaf in leaves(child)] if isinstance(node, list) else [str(node)]

    config = yaml.safe_load((DOCS / f"mkdocs.{language}.yml").read_text(encoding="utf-8"))
    return leaves(config["nav"])


def test_every_page_exists_in_both_languages() -> None:
    assert sources("fr") == sources("en")


def test_both_languages_show_the_same_pages_in_the_same_order() -> None:
    assert navigation("fr") == navigation("en")


def test_every_decision_is_listed() -> None:
    decisions = {f"decisions/{path.name}" for path in (DOCS / "decisions").glob("[0-9]*.md")}
    assert decisions <= set(navigation("fr"))
    index = (DOCS / "decisions/index.md").read_text(encoding="utf-8")
    assert [name for name in decisions if Path(name).name not in index] == []


def test_every_internal_link_leads_somewhere(site: dict[str, Page]) -> None:
    broken = []
    for here, page in site.items():
        for link in page.links:
            address, _, anchor = urljoin(HOST + here, link).partition("#")
            name = address.removeprefix(HOST)
            if not address.startswith(HOST) or Path(name).suffix not in ("", ".html"):
                continue
            if name not in site or (anchor and unquote(anchor) not in site[name].anchors):
                broken.append(f"{here}: {link}")
    assert broken == []


def test_no_page_asks_anything_of_another_host(site: dict[str, Page]) -> None:
    outside = {here: [asked for asked in page.requests if OUTSIDE.match(asked)] for here, page in site.items()}
    assert {here: asked for here, asked in outside.items() if asked} == {}


def test_every_page_points_at_itself_in_the_other_language(site: dict[str, Page]) -> None:
    for here, page in site.items():
        rest = here.partition("/")[2]
        found = {code: urljoin(HOST + here, link) for code, link in page.alternates.items() if code in LANGUAGES}
        assert found == {code: f"{HOST}{code}/{rest}" for code in LANGUAGES}


@pytest.mark.parametrize("page", sorted(sources("fr")))
def test_french_pages_follow_french_typography(page: str) -> None:
    prose = CODE.sub("", (DOCS / "fr" / page).read_text(encoding="utf-8"))
    assert re.findall(r".{0,12}(?:\w'\w| [:;?!](?=\s|$)|« | »)", prose) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_has_its_line_in_the_glossary(language: str) -> None:
    glossary = (DOCS / language / "glossary.md").read_text(encoding="utf-8")
    assert [tag for tag in BY_TAG if f"| `{tag}` |" not in glossary] == []


def test_every_event_has_its_line_in_the_changelog() -> None:
    changelog = (DOCS.parent / "CHANGELOG.md").read_text(encoding="utf-8")
    assert [tag for tag in BY_TAG if f"- `{tag}`: " not in changelog] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_is_documented(language: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read_settings({"COLLECTIVILAB_NONSENSE": "1"})
    names = set(re.findall(r"[A-Z]+_[A-Z_]+", str(refusal.value))) - {"COLLECTIVILAB_NONSENSE"}
    page = (DOCS / language / "reference/settings.md").read_text(encoding="utf-8")
    assert names == set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
