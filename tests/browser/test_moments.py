"""Numbers and moments as they are printed."""

from datetime import UTC, datetime, timedelta

import pytest

from projections.console import moments
from projections.console.moments import NARROW, NO_BREAK

WINTER = datetime(2026, 1, 1, 13, 5, tzinfo=UTC)
SUMMER = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)


def test_a_number_has_its_own_thousands() -> None:
    assert moments.number(12345, "fr") == f"12{NARROW}345"
    assert moments.number(12345, "en") == "12,345"
    assert moments.number(1234.5, "fr", decimals=1) == f"1{NARROW}234,5"


@pytest.mark.parametrize(
    ("length", "french"),
    [
        (timedelta(seconds=40), f"40{NO_BREAK}s"),
        (timedelta(minutes=59, seconds=59), f"59{NO_BREAK}min"),
        (timedelta(hours=47, minutes=59), f"47{NO_BREAK}h"),
        (timedelta(hours=48), f"2{NO_BREAK}j"),
        (timedelta(seconds=-5), f"0{NO_BREAK}s"),
    ],
)
def test_a_duration_takes_the_unit_that_reads_best(length: timedelta, french: str) -> None:
    assert moments.duration(length, "fr") == french


def test_an_unknown_length_is_a_dash() -> None:
    assert moments.hours(None, "fr") == "–"


def test_the_clock_is_the_town_halls_in_winter_and_in_summer() -> None:
    assert moments.clock(WINTER, "fr") == f"14{NO_BREAK}h{NO_BREAK}05"
    assert moments.clock(SUMMER, "en") == "00:30"


def test_a_day_is_written_out() -> None:
    assert moments.long_day(moments.local(WINTER).date(), "fr") == f"jeudi 1er{NO_BREAK}janvier 2026"
    assert moments.short_moment(SUMMER, "en") == f"15{NO_BREAK}Jul{NO_BREAK}2026, 00:30"


def test_a_size_is_in_octets_in_french() -> None:
    assert moments.size(1_240_000, "fr") == f"1,2{NO_BREAK}Mo"
    assert moments.size(512, "en") == f"512{NO_BREAK}B"
