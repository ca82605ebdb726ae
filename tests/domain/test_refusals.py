import re
from pathlib import Path
from string import Formatter

import pytest

from ledger.domain.errors import REFUSALS, Refusal

DOMAIN = Path(__file__).parent
# The store alone can know these two: the vault remembers who was forgotten, the log which commands were seen.
KNOWN_TO_THE_STORE = {
    "CitizenIsForgotten": {"citizen": "c5957ba8-2b51-40fa-a327-dd95e2071887"},
    "CommandIdReused": {"command_id": "dd5d110d-cd2b-4f32-aac6-073d39719d56"},
}

each_refusal = pytest.mark.parametrize("refusal", REFUSALS.values(), ids=lambda refusal: refusal.__name__)


def placeholders(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name}


@pytest.mark.parametrize(
    "refusal", [refusal for refusal in REFUSALS.values() if refusal.__name__ not in KNOWN_TO_THE_STORE]
)
def test_every_refusal_of_the_rules_is_provoked_by_a_test(refusal: type[Refusal]) -> None:
    provoked = re.compile(rf"then_refused\(\s*{refusal.__name__}\b")
    assert any(provoked.search(path.read_text()) for path in DOMAIN.glob("test_*.py"))


@pytest.mark.parametrize("name", KNOWN_TO_THE_STORE)
def test_every_refusal_of_the_store_is_provoked_by_a_test(name: str) -> None:
    elsewhere = (path for path in DOMAIN.parent.rglob("test_*.py") if path.parent != DOMAIN)
    assert any(name in path.read_text() for path in elsewhere)


@each_refusal
def test_both_messages_name_the_same_details(refusal: type[Refusal]) -> None:
    assert placeholders(refusal.en) == placeholders(refusal.fr) != set()


@each_refusal
def test_both_messages_are_sentences(refusal: type[Refusal]) -> None:
    assert refusal.en.endswith(".")
    assert refusal.fr.endswith(".")
    assert refusal.en != refusal.fr


@each_refusal
def test_the_code_of_a_refusal_is_its_name(refusal: type[Refusal]) -> None:
    words = re.findall("[A-Z][a-z]+", refusal.__name__)
    assert refusal.code == "-".join(words).lower()
    assert REFUSALS[refusal.code] is refusal


@pytest.mark.parametrize("name", KNOWN_TO_THE_STORE)
def test_what_the_store_refuses_can_be_told(name: str) -> None:
    (kind,) = [refusal for refusal in REFUSALS.values() if refusal.__name__ == name]
    refusal = kind(**KNOWN_TO_THE_STORE[name])
    for detail in refusal.details.values():
        assert detail in refusal.message("en")
        assert detail in refusal.message("fr")


def test_a_refusal_reads_as_its_english_message() -> None:
    refusal = REFUSALS["unknown-case"](case_id="e78e7b9d-c31a-4d0e-8e4e-9c5872dc69b9")
    assert str(refusal) == refusal.message("en") == refusal.message()
