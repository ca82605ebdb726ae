import msgspec
import pytest

from ledger.domain.events import Particulars
from ledger.domain.vocabulary import (
    AuthorityKind,
    CaseStatus,
    Channel,
    ClosingReason,
    Direction,
    Outcome,
    Term,
)

TERMS: list[Term] = [
    term
    for vocabulary in (AuthorityKind, CaseStatus, Channel, ClosingReason, Direction, Outcome)
    for term in vocabulary
]


def test_there_are_ten_channels_named_in_french() -> None:
    assert {channel.value: channel.label("fr") for channel in Channel} == {
        "counter": "Guichet",
        "telephone": "Téléphone",
        "web": "Téléservice",
        "mobile": "Application mobile",
        "email": "Courriel",
        "post": "Courrier",
        "social": "Réseaux sociaux",
        "chatbot": "Agent conversationnel",
        "partner": "Partenaire",
        "internal": "D’office",
    }


@pytest.mark.parametrize("term", TERMS, ids=repr)
def test_a_word_is_stored_by_its_code_and_shown_by_its_label(term: Term) -> None:
    assert msgspec.json.encode(term) == f'"{term.value}"'.encode()
    assert msgspec.json.decode(msgspec.json.encode(term), type=type(term)) is term
    assert str(term) == term.value
    assert term.label("en")
    assert term.label("fr")


@pytest.mark.parametrize("vocabulary", [AuthorityKind, CaseStatus, Channel, ClosingReason, Direction, Outcome])
def test_no_two_words_are_shown_alike(vocabulary: type[Term]) -> None:
    assert len({term.label("en") for term in vocabulary}) == len(vocabulary)
    assert len({term.label("fr") for term in vocabulary}) == len(vocabulary)


@pytest.mark.parametrize("term", TERMS, ids=repr)
def test_a_code_may_stand_in_an_address_and_in_a_subject(term: Term) -> None:
    assert term.value.replace("-", "").isalpha()
    assert term.value.isascii()
    assert term.value.islower()


def test_every_channel_but_the_internal_one_has_particulars() -> None:
    tags = {kind.__struct_config__.tag for kind in Particulars.__args__}
    assert tags == {channel.value for channel in Channel if channel is not Channel.INTERNAL}
