"""What a stream says of its epochs, and what of what was read still stands."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.publishing.epochs import (
    EVERYTHING,
    Epoch,
    Epochs,
    epochs_in,
    epochs_told,
    keep_epochs,
    metadata_of,
    number_of,
    read_epochs,
    shared_position,
)

MOMENTS = st.datetimes(min_value=datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # the strategy adds it
EPOCHS = st.lists(st.builds(Epoch, st.integers(0, 10**9), MOMENTS), max_size=4).map(tuple)
SECOND = Epoch(12, datetime(2026, 11, 22, 9, tzinfo=UTC))
THIRD = Epoch(50, datetime(2026, 11, 23, 9, tzinfo=UTC))


@given(epochs=EPOCHS)
def test_what_a_stream_says_is_read_as_it_was_meant(epochs: Epochs) -> None:
    assert epochs_in({"_nats.ver": "2.15.1", **metadata_of(epochs)}) == epochs


def test_the_first_epoch_needs_no_words() -> None:
    assert (metadata_of(()), number_of(())) == ({}, 1)


def test_an_integrator_reads_two_lines() -> None:
    assert metadata_of((SECOND,)) == {"epoch": "2", "epoch-2": "12 2026-11-22T09:00:00+00:00"}


@pytest.mark.parametrize(
    ("known", "now", "shared"),
    [
        ((), (), EVERYTHING),
        ((SECOND,), (SECOND,), EVERYTHING),
        ((), (SECOND,), 12),
        ((SECOND,), (SECOND, THIRD), 50),
        ((), (SECOND, THIRD), 12),
        ((SECOND,), (), 0),
        ((SECOND,), (THIRD,), 0),
    ],
)
def test_what_was_read_stands_up_to_where_every_later_epoch_shares_it(known: Epochs, now: Epochs, shared: int) -> None:
    assert shared_position(known, now) == shared


def test_the_file_beside_the_ledger_is_read_again(tmp_path: Path) -> None:
    assert read_epochs(tmp_path) == ()

    keep_epochs(tmp_path, (SECOND, THIRD))

    assert read_epochs(tmp_path) == (SECOND, THIRD)


@pytest.mark.parametrize(
    "answer", [b"", b'{"error": {"description": "stream not found"}}', b'{"config": {"metadata": {"epoch": "3"}}}']
)
def test_an_answer_that_says_nothing_of_epochs_is_no_first_epoch(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        epochs_told(answer)


def test_a_stream_of_before_is_in_its_first_epoch() -> None:
    assert epochs_told(msgspec.json.encode({"config": {"name": "LEDGER"}})) == ()
