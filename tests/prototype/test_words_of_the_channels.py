"""The kit's words for the chatbot and for social networks say the same in both languages, and are all said."""

import re
from pathlib import Path
from string import Formatter

import pytest

import labkit.prototype
from labkit.prototype.texts import KIT_TEXTS, read_words

ROOMS = ("chatbot", "social")
KIT = Path(labkit.prototype.__file__).parent
SOURCES = "\n".join(file.read_text("utf-8") for kind in ("*.py", "*.html") for file in KIT.rglob(kind))
# Keys that are put together where they are said.
BUILT = (
    r"chatbot\.(words|how|standing)\.|chatbot\.(you|citizen|machine|agent|hello|help|thanks)$"
    r"|social\.(trace|refused)\.|social\.(waiting|published|given-up)$|delivery-ended\."
)


def words(room: str, language: str) -> dict[str, str]:
    return read_words(KIT_TEXTS / f"{room}.{language}.toml")


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_have_the_same_words_with_the_same_particulars(room: str) -> None:
    french, english = words(room, "fr"), words(room, "en")

    assert french.keys() == english.keys()
    for key in french:
        particulars = [{name for _, name, _, _ in Formatter().parse(text[key]) if name} for text in (french, english)]
        assert particulars[0] == particulars[1], key


@pytest.mark.parametrize("room", ROOMS)
def test_every_word_is_said_somewhere(room: str) -> None:
    said = {key for key in words(room, "en") if re.match(BUILT, key)}
    said |= {key for key in words(room, "en") if re.search(rf'"{re.escape(key)}"', SOURCES)}
    said |= {key for key in words(room, "en") if re.search(rf'\bsay\("{re.escape(key.partition(".")[2])}"', SOURCES)}

    assert words(room, "en").keys() - said == set()


@pytest.mark.parametrize("room", ROOMS)
def test_french_is_spaced_as_it_is_printed(room: str) -> None:
    printed = {key: text for key, text in words(room, "fr").items() if ".words." not in key}

    assert {key for key, text in printed.items() if re.search(r"(?<!\u00a0)[:;?!»](?!/)|«(?!\u00a0)|'", text)} == set()
