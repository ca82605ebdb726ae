import re
import shlex
from contextlib import suppress
from pathlib import Path

import pytest
import rich_click as click
from click.exceptions import Exit
from msgspec import Struct
from msgspec.structs import fields

from labkit.exit_codes import ExitCode, meanings
from labkit.messages import Texts
from labkit.reference import LANGUAGES, PARTICULARS, VOCABULARIES, events_page, pages, refusals_page
from labkit.reference_cli import cli_page, verbs
from labkit.reference_texts import texts, typeset
from ledger.domain.errors import REFUSALS
from ledger.domain.events import BY_TAG, EVENTS, Attachment, Stamp
from ledger.domain.vocabulary import Channel, Language

ROOT = Path(__file__).parents[1]

each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.mark.parametrize("path", pages())
def test_a_page_says_what_the_code_says(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == pages()[path], "run: python -m labkit.reference"


@each_language
def test_every_event_and_each_of_its_fields_is_told(language: Language) -> None:
    page = events_page(language)
    for tag, event in BY_TAG.items():
        section = page.partition(f"## `{tag}`")[2].partition("\n## ")[0]
        for field in event.__struct_fields__:
            assert f"`{field}`" in section or f"| `{field}` |" in page.partition("\n## ")[2].partition("\n## ")[0]
        assert f'"event": "{tag}"' in section


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
    assert set(re.findall(r"\(#([\w-]+)\)", page)) <= set(re.findall(r"\{ #([\w-]+) \}", page))


@each_language
def test_no_personal_text_is_shown(language: Language) -> None:
    assert not re.search("Lafourcade|06 39|05 36", events_page(language))


def test_french_punctuation_never_begins_a_line() -> None:
    for page in (events_page("fr"), refusals_page("fr"), cli_page("fr")):
        assert not re.search(r" [:;!?»]|« ", re.sub("```.*?```", "", page, flags=re.DOTALL))


def test_no_word_is_left_over() -> None:
    structs: tuple[type[Struct], ...] = (*EVENTS, *PARTICULARS, Stamp, Attachment)
    named = {field.name for struct in structs for field in fields(struct)}
    precise = {f"{struct.__name__}.{field.name}" for struct in structs for field in fields(struct)}
    assert named <= {name.rpartition(".")[2] for name in texts().field} <= named
    assert {name for name in texts().field if "." in name} <= precise
    assert texts().event.keys() == BY_TAG.keys()
    assert texts().refusal.keys() == REFUSALS.keys()
    assert texts().part.keys() == {struct.__name__ for struct in structs if struct not in EVENTS}
    assert texts().word.keys() == {vocabulary.__name__ for vocabulary in VOCABULARIES}
    assert texts().example.keys() == {name or "labkit" for name in verbs("en")}
    assert all(any(f"{said.en}`" in line for line in cli_page("en").splitlines()) for said in texts().value.values())


def test_the_glossary_says_the_same_of_every_event() -> None:
    glossary = (ROOT / "docs/fr/glossary.md").read_text(encoding="utf-8")
    for tag, said in texts().event.items():
        assert f"| `{tag}` | {said.name} | {said.fr} |" in glossary
