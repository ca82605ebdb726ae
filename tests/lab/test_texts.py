"""Every text of `labkit` is there in both languages, is used, and says the same things."""

import importlib
import re
from pathlib import Path
from string import Formatter

import pytest

import labkit
from labkit.exit_codes import ExitCode, meanings
from labkit.failures import LabkitFailure
from labkit.messages import LANGUAGES, Texts, catalogue, language_of
from ledger.domain.events import BY_TAG

MODULES = {file: file.read_text("utf-8") for file in Path(labkit.__file__).parent.rglob("*.py")}
SOURCES = "\n".join(MODULES.values())
for file in (file for file, source in MODULES.items() if "(LabkitFailure):" in source):
    importlib.import_module(".".join(file.relative_to(Path(labkit.__file__).parents[1]).with_suffix("").parts))

EXIT_CODES = {"title", *(code.name.lower().replace("_", "-") for code in ExitCode)}
EVENT_NAMES = {tag.partition(".")[0] for tag in BY_TAG}
FAILURE_CODES = {failure.code for failure in LabkitFailure.__subclasses__()}
BREAKS = set(re.findall(r'(?:BrokenXes|broken)\(\s*"([a-z-]+)"', SOURCES))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_a_text_is_complete_in_both_languages(key: str) -> None:
    texts = catalogue()[key]
    assert set(texts) == set(LANGUAGES)
    assert all(text.strip() for text in texts.values())
    assert placeholders(texts["en"]) == placeholders(texts["fr"])


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_a_text_is_used(key: str) -> None:
    group, _, name = key.partition(".")
    built_from = {"exit": EXIT_CODES, "event": EVENT_NAMES, "failure": FAILURE_CODES, "xes": BREAKS}
    assert f'"{key}"' in SOURCES or name in built_from.get(group, {"help", "short"})


@pytest.mark.parametrize("key", sorted(set(re.findall(r'say\(\s*"([a-z]+(?:-[a-z]+)*\.[a-z.-]+)"', SOURCES))))
def test_a_text_that_is_said_exists(key: str) -> None:
    assert key in catalogue()


@pytest.mark.parametrize("event", sorted(EVENT_NAMES))
def test_every_event_has_a_name(event: str) -> None:
    assert f"event.{event}" in catalogue()


@pytest.mark.parametrize("reason", sorted(BREAKS))
def test_every_break_in_a_log_has_its_words(reason: str) -> None:
    assert f"xes.{reason}" in catalogue()


@pytest.mark.parametrize("failure", LabkitFailure.__subclasses__())
def test_every_failure_has_its_words_and_its_exit_code(failure: type[LabkitFailure]) -> None:
    assert f"failure.{failure.code}" in catalogue()
    assert failure.exit_code in ExitCode


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_exit_code_has_a_meaning(language: str) -> None:
    assert len(set(meanings(Texts(language)).values())) == len(ExitCode)


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "fr_FR.UTF-8"}, "fr"),
        ([], {"LANG": "C.UTF-8"}, "en"),
        ([], {"LANG": "fr_FR.UTF-8", "LC_ALL": "en_US"}, "en"),
        ([], {"LC_MESSAGES": "fr_FR", "LANG": "en_GB"}, "fr"),
        ([], {"LABKIT_LANG": "fr", "LC_ALL": "en_US"}, "fr"),
        (["status", "--lang", "fr"], {"LABKIT_LANG": "en"}, "fr"),
        (["--lang=en", "status"], {"LANG": "fr_FR"}, "en"),
        (["status", "--", "--lang", "fr"], {}, "en"),
        (["status", "--lang"], {}, "en"),
        ([], {"LANG": "de_DE"}, "en"),
    ],
)
def test_the_language_is_asked_for_or_found_in_the_locale(
    arguments: list[str], environment: dict[str, str], language: str
) -> None:
    assert language_of(arguments, environment) == language


def test_thousands_are_grouped_as_each_language_does() -> None:
    assert (Texts("en").number(1434), Texts("fr").number(1434)) == ("1,434", "1\u202f434")
