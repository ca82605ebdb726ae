from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.controls import cast
from ledger.domain.identifiers import (
    AgentRef,
    CitizenRef,
    Digest,
    ServiceCode,
    Siren,
    authority_stream,
    citizen_stream,
    is_siren,
)


@pytest.mark.parametrize("siren", ["200067254", "200030674", "244500211", "216404459"])
def test_the_siren_of_a_real_authority_is_one(siren: str) -> None:
    assert is_siren(siren)


@pytest.mark.parametrize(
    "code", ["", "20006725", "2000672540", "20006725a", "200 067 25", "-00067254", "20006725४", "200067254\n"]
)
def test_nine_digits_and_nothing_else_make_a_siren(code: str) -> None:
    assert not is_siren(code)


@given(st.integers(0, 99_999_999))
def test_eight_digits_have_one_right_check_digit(number: int) -> None:
    assert sum(is_siren(f"{number:08}{key}") for key in range(10)) == 1


@given(st.sampled_from(["200067254", "200030674", "244500211"]), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(siren: str, place: int, shift: int) -> None:
    wrong = (int(siren[place]) + shift) % 10
    assert not is_siren(f"{siren[:place]}{wrong}{siren[place + 1 :]}")


@pytest.mark.parametrize(
    ("kind", "code"),
    [(Siren, cast.PAU), (ServiceCode, cast.CANTEEN), (AgentRef, cast.AGENT), (Digest, cast.scan("a letter").digest)],
    ids=["siren", "service", "agent", "digest"],
)
def test_a_line_feed_belongs_to_no_identifier(kind: type[str], code: str) -> None:
    assert msgspec.convert(code, kind) == code
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(f"{code}\n", kind)


def test_the_stream_of_an_authority_is_always_the_same() -> None:
    assert authority_stream("200067254") == UUID("6e15240a-6ee7-58a6-9c88-f145b7837562")
    assert authority_stream("200067254") != authority_stream("200030674")


def test_the_stream_of_a_citizen_is_not_their_reference() -> None:
    citizen = CitizenRef(UUID("3f0d2c55-6f0a-4f51-8f0c-0a5ad1f3b001"))
    assert citizen_stream(citizen) == UUID("10acf10f-3d9a-5e9e-ad35-1719e2856f24")
    assert citizen_stream(citizen) != citizen
