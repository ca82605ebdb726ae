"""Every text in both languages, each used, and written as its language is printed."""

import re
from pathlib import Path

from ledger.domain.events import BY_TAG
from projections.console import texts
from projections.console.texts import TEXTS, text

FOLDER = Path(texts.__file__).parent
FRENCH = {key: french for key, (_, french) in TEXTS.items()}


def test_every_text_is_in_both_languages() -> None:
    assert not [key for key, both in TEXTS.items() if len(both) != 2 or not all(both)]


def test_both_languages_have_the_same_gaps() -> None:
    def gaps(written: str) -> set[str]:
        return set(re.findall(r"{(\w+)}", written))

    assert not [key for key, (english, french) in TEXTS.items() if gaps(english) != gaps(french)]


def test_every_text_is_used() -> None:
    sources = [*FOLDER.glob("templates/*"), *(path for path in FOLDER.glob("*.py") if path.name != "texts.py")]
    written = "".join(path.read_text() for path in sources)
    unused = {key for key in TEXTS if f'"{key}"' not in written and not key.startswith("event.")}
    assert not unused


def test_every_event_has_its_text_and_no_other_has() -> None:
    names = {tag.partition(".")[0] for tag in BY_TAG}
    ways = {"interaction-recorded.in", "interaction-recorded.out"}
    assert {key.removeprefix("event.") for key in TEXTS if key.startswith("event.")} == names | ways


def test_french_is_printed_as_french() -> None:
    wrong = re.compile(r"'| [:;!?»%]|« |[^\s\u00a0\u202f][:;!?»]")
    assert not [french for french in FRENCH.values() if wrong.search(french)]


def test_english_is_printed_as_english() -> None:
    wrong = re.compile(r"'|[\s\u00a0\u202f][:;!?]")
    assert not [english for english, _ in TEXTS.values() if wrong.search(english)]


def test_french_counts_zero_as_one() -> None:
    assert text("inbox.awaiting", "fr", n=0).endswith("dossier en attente")
    assert text("inbox.awaiting", "en", n=0).endswith("cases waiting")
    assert text("inbox.awaiting", "fr", n="1\u202f200").endswith("dossiers en attente")
