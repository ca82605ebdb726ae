"""Words that are missing, that differ in what they fill in, or that are not set as French is."""

import tomllib
from functools import reduce
from operator import getitem
from pathlib import Path

import pytest
import tomlkit

from labkit.checks.findings import Finding
from labkit.checks.words import check_words
from labkit.prototype.failures import BrokenProject
from labkit.prototype.project import Project
from tests.checks.spoiling import change, codes


def errors(project: Path) -> list[Finding]:
    return [finding for finding in check_words(Project(project)) if finding.severity == "error"]


def test_a_baked_canteen_lacks_no_words(project: Path) -> None:
    assert errors(project) == []


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("texts/en.toml", "days-chosen.title"),
        ("texts/fr.toml", "child-enrolled.born_on.hint"),
        ("texts/en.toml", "family-introduced.parent.label"),
    ],
)
def test_a_word_missing_in_one_language_is_found(project: Path, package: Path, file: str, key: str) -> None:
    words = tomllib.loads((package / file).read_text(encoding="utf-8"))
    *tables, name = key.split(".")
    reduce(getitem, tables, words).pop(name)
    (package / file).write_text(tomlkit.dumps(words), encoding="utf-8")

    (found,) = errors(project)

    assert (found.code, found.where, found.details["key"]) == ("missing-text", file, key)


def test_a_word_that_only_a_page_says_is_looked_for_too(project: Path, package: Path) -> None:
    change(package / "pages/income.html", 't("tariffs.title")', 't("tariffs.nowhere")')

    assert codes(errors(project)) == ["missing-text", "missing-text"]


def test_a_file_of_words_that_is_no_text_is_said_and_a_page_that_is_none_hides_nothing(
    project: Path, package: Path
) -> None:
    (package / "pages/income.html").write_bytes(b"\xff")
    assert errors(project) == []

    (package / "texts/en.toml").write_bytes(b"\xff")
    with pytest.raises(BrokenProject, match=r"en\.toml"):
        errors(project)


def test_particulars_are_the_same_in_both_languages(project: Path, package: Path) -> None:
    change(package / "texts/fr.toml", "[tariffs]", '[tariffs]\nuntil = "Jusqu’au {day}"\nodd = "a { b"')
    change(package / "texts/en.toml", "[tariffs]", '[tariffs]\nuntil = "Until {date}"\nodd = "a b"')

    assert sorted(codes(errors(project))) == ["bad-braces", "other-particulars"]


@pytest.mark.parametrize(
    ("text", "well_set"),
    [
        ("Quel repas\u00a0?", True),
        ("Quel repas\u202f?", True),
        ("Quel repas ?", False),
        ("Quel repas?", False),
        ("L'école", False),
        ("L’école", True),
        ("«\u00a0oui\u00a0»", True),
        ("« oui »", False),
        ("«\u00a0oui»", False),
        ("À 13:30 ; voir le site", False),
        ("À 13:30, voir {page}\u00a0: oui", True),
        ("Attendez… (vraiment\u00a0!)", True),
    ],
)
def test_french_is_set_as_french_is(project: Path, package: Path, text: str, well_set: bool) -> None:  # noqa: FBT001
    change(package / "texts/fr.toml", 'quotient = "Quotient familial"', f'quotient = "{text}"')

    found = [each for each in check_words(Project(project)) if each.details["key"] == "tariffs.quotient"]

    assert ("french" not in codes(found)) == well_set
    assert all(finding.severity == "warning" for finding in found if finding.code == "french")
