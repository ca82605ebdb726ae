import re
import shlex
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
import rich_click as click
from click.exceptions import Exit
from litestar.testing import TestClient
from msgspec import Struct
from msgspec.structs import fields

from labkit.exit_codes import ExitCode, meanings
from labkit.messages import Texts
from labkit.reference import LANGUAGES, pages, refusals_page
from labkit.reference_attempts import commands_to, recorded_by
from labkit.reference_cli import cli_page, verbs
from labkit.reference_events import event_page, events_page
from labkit.reference_texts import texts, typeset
from ledger.api.app import create_app
from ledger.api.commands import ROUTES
from ledger.application import CaseLedger
from ledger.domain.errors import REFUSALS
from ledger.domain.events import BY_TAG, EVENTS
from ledger.domain.vocabulary import Channel, Language
from ledger.publishing.contract.structs import PARTS, VOCABULARIES
from ledger.publishing.contract.texts import texts as contract
from ledger.settings import Settings

ROOT = Path(__file__).parents[1]

PAGES = pages()

each_language = pytest.mark.parametrize("language", LANGUAGES)
each_event = pytest.mark.parametrize("tag", BY_TAG)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_what_the_code_says(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == PAGES[path], "run: python -m labkit.reference"


@each_event
@each_language
def test_every_event_and_each_of_its_fields_is_told(language: Language, tag: str) -> None:
    page = event_page(tag, language)
    for field in BY_TAG[tag].__struct_fields__:
        assert f"| `{field}` |" in page
    assert f'"event": "{tag}"' in page
    assert f'"type": "fr.collectivilab.{tag}"' in page
    assert f"(events/{tag}.md){{ #{tag.replace('.', '-')} }}" in events_page(language)


@each_language
def test_every_attribute_of_a_cloudevent_is_told(language: Language) -> None:
    for name, said in contract().attribute.items():
        assert f"| `{name}` | {said.to(language)} |" in events_page(language)


@each_event
def test_what_a_page_says_to_send_makes_the_event_happen(tag: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with CaseLedger(settings, in_memory=True) as ledger:
        client = TestClient(create_app(ledger, settings, nullcontext()), base_url="http://127.0.0.1:8420")
        headers = {"Content-Type": "application/json"}
        first = client.post("/commands", content=commands_to(tag), headers=headers).json()
        recorded = [event.tag for event in ledger.read(0, 100)]
        again = client.post("/commands", content=commands_to(tag), headers=headers).json()

        assert {result["status"] for result in first["results"]} == {"accepted"}
        assert tag in recorded
        assert all(result["repeated"] for result in again["results"])
        assert len(ledger.read(0, 100)) == len(recorded)
    assert all(commands_to(tag) in event_page(tag, language) for language in LANGUAGES)


def test_every_command_is_said_to_record_something() -> None:
    assert {path for tag in BY_TAG for path in recorded_by(tag).values()} == {
        path.replace(":str", "") for path, _ in ROUTES
    }


@each_language
def test_every_channel_is_told_in_both_languages(language: Language) -> None:
    for channel in Channel:
        assert f"| `{channel}` | {channel.label('en')} | {channel.label('fr')} |" in events_page(language)


@each_language
def test_every_refusal_is_told(language: Language) -> None:
    for code in REFUSALS:
        assert f"## `{code}`" in refusals_page(language)


@each_language
def test_every_verb_and_each_of_its_options_is_told(language: Language) -> None:
    page = cli_page(language)
    shared = page.partition("## `labkit`")[0]
    for name, verb in verbs(language).items():
        section = page.partition(f"{{ #{name.replace(' ', '-') or 'labkit'} }}")[2].partition("\n## ")[0]
        assert section
        for option in (option for option in verb.params if isinstance(option, click.Option)):
            assert typeset(option.help or "") in section + shared
            assert all(f"`{typed}" in section + shared for typed in (*option.opts, *option.secondary_opts))


@each_language
def test_every_exit_code_is_told(language: Language) -> None:
    for code, meaning in meanings(Texts(language)).items():
        assert f"| `{code.value}` | {meaning} |" in cli_page(language)
    assert meanings(Texts(language)).keys() == set(ExitCode)


@pytest.mark.parametrize("name", texts().example)
def test_every_example_is_understood(name: str) -> None:
    verb = verbs("en")["" if name == "labkit" else name]
    given = shlex.split(texts().example[name])[1:]
    assert given[: len(name.split())] == name.split() or name == "labkit"
    with suppress(Exit):
        verb.make_context("labkit", given[len(name.split()) :] if name != "labkit" else given)


@each_language
def test_every_link_leads_somewhere(language: Language) -> None:
    page = events_page(language)
    anchors = set(re.findall(r"\{ #([\w-]+) \}", page))
    assert set(re.findall(r"\(#([\w-]+)\)", page)) <= anchors
    for tag in BY_TAG:
        assert set(re.findall(r"\(\.\./events\.md#([\w-]+)\)", event_page(tag, language))) <= anchors
        files = re.findall(r"\]\((\.\./[^#)]+|[^.#)][^#)]*)\)", event_page(tag, language))
        assert [file for file in files if not (ROOT / f"docs/{language}/reference/events" / file).is_file()] == []


@each_event
@each_language
def test_no_personal_text_is_shown(language: Language, tag: str) -> None:
    assert not re.search("Lafourcade|06 39|05 36", events_page(language) + event_page(tag, language))


def test_french_punctuation_never_begins_a_line() -> None:
    events = [event_page(tag, "fr") for tag in BY_TAG]
    for page in (*events, events_page("fr"), refusals_page("fr"), cli_page("fr")):
        assert not re.search(r" [:;!?»]|« ", re.sub("```.*?```", "", page, flags=re.DOTALL))


def test_no_word_is_left_over() -> None:
    structs: tuple[type[Struct], ...] = (*EVENTS, *PARTS)
    named = {field.name for struct in structs for field in fields(struct)}
    precise = {f"{struct.__name__}.{field.name}" for struct in structs for field in fields(struct)}
    said = contract()
    assert named <= {name.rpartition(".")[2] for name in said.field} <= named
    assert {name for name in said.field if "." in name} <= precise
    assert said.event.keys() == BY_TAG.keys()
    assert said.part.keys() == {part.__name__ for part in PARTS}
    assert said.word.keys() == {vocabulary.__name__ for vocabulary in VOCABULARIES}
    assert texts().refusal.keys() == REFUSALS.keys()
    assert texts().example.keys() == {name or "labkit" for name in verbs("en")}
    assert all(any(f"{said.en}`" in line for line in cli_page("en").splitlines()) for said in texts().value.values())


def test_every_event_is_said_to_be_of_the_release_that_brought_it() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for tag, said in contract().event.items():
        release = changelog.partition(f"- `{tag}`: ")[0].rpartition("\n## ")[2]
        assert said.since in release.partition("\n")[0]


def test_the_glossary_says_the_same_of_every_event() -> None:
    glossary = (ROOT / "docs/fr/glossary.md").read_text(encoding="utf-8")
    for tag, said in contract().event.items():
        assert f"| `{tag}` | {said.name} | {said.fr} |" in glossary
