"""Contrast is what WCAG says it is, and what fails comes with what would mend it."""

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from labkit.prototype.look.colour import Lch, contrast, hex_of, lch_of
from labkit.prototype.look.contrast import PAIRS, measures_of, problems_of, with_token
from labkit.prototype.look.derive import derive_theme
from labkit.prototype.look.theme import THEMES, Palette, Theme, read_theme, shades_of

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.fixture
def neutral() -> Theme:
    return read_theme(THEMES / "neutral.toml")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#777", "#fff", 4.478),
        ("#767676", "#ffffff", 4.542),
        ("#000", "#fff", 21.0),
        ("#fff", "#000", 21.0),
        ("#0000ff", "#ffffff", 8.592),
        ("#ff0000", "#ffffff", 3.998),
        ("#00FF00", "#000000", 15.304),
        ("#123456", "#123456", 1.0),
    ],
)
def test_contrast_is_what_wcag_says(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.001)


@pytest.mark.parametrize(
    ("colour", "lightness", "chroma", "hue"),
    [("#ff0000", 0.628, 0.258, 29.2), ("#0000ff", 0.452, 0.313, 264.1), ("#0b6e4f", 0.476, 0.101, 164.4)],
)
def test_a_colour_is_known_by_what_the_eye_sees(colour: str, lightness: float, chroma: float, hue: float) -> None:
    seen = lch_of(colour)
    assert (seen.lightness, seen.chroma) == pytest.approx((lightness, chroma), abs=0.005)
    assert seen.hue == pytest.approx(hue, abs=0.5)


@given(colours)
def test_a_colour_survives_the_eye(colour: str) -> None:
    assert hex_of(lch_of(colour)) == colour


@given(st.floats(0.1, 1), st.floats(0, 0.4), st.floats(0, 360))
def test_a_colour_that_no_screen_shows_keeps_its_lightness(lightness: float, chroma: float, hue: float) -> None:
    assert lch_of(hex_of(Lch(lightness, chroma, hue))).lightness == pytest.approx(lightness, abs=0.02)


def test_what_is_measured_is_of_tokens_that_exist(neutral: Theme) -> None:
    shades, tokens = shades_of(neutral.light), set(msgspec.to_builtins(neutral.light))
    assert all({pair.front, pair.back} <= set(shades) for pair in PAIRS)
    assert {pair.moves for pair in PAIRS} <= tokens
    assert tokens - {"line"} <= {name for pair in PAIRS for name in (pair.front, pair.back)}


def test_a_pair_that_cannot_be_read_comes_with_what_would_mend_it(neutral: Theme) -> None:
    faint = replace(neutral, light=with_token(neutral.light, "muted", "#9aa8b2"))
    problems = problems_of(faint)
    assert {(problem.mode, problem.front, problem.back) for problem in problems} == {
        ("light", "muted", back) for back in ("ground", "surface", "accent-soft")
    }
    (nearest,) = {problem.nearest for problem in problems}
    assert nearest is not None
    assert problems_of(replace(faint, light=with_token(faint.light, "muted", nearest))) == []
    assert lch_of(nearest).hue == pytest.approx(lch_of("#9aa8b2").hue, abs=5)
    assert lch_of(nearest).lightness < lch_of("#9aa8b2").lightness


def test_what_is_written_on_a_fill_moves_the_fill(neutral: Theme) -> None:
    pale = replace(neutral, light=with_token(neutral.light, "accent", "#9cc4de"))
    problem = next(problem for problem in problems_of(pale) if problem.front == "on-accent")
    assert problem.token == "accent"
    assert problem.nearest is not None
    assert contrast(problem.nearest, "#ffffff") >= 4.5


def test_where_nothing_would_do_it_is_said(neutral: Theme) -> None:
    torn = with_token(with_token(neutral.light, "surface", "#000000"), "ground", "#ffffff")
    told = problems_of(replace(neutral, light=torn))
    assert [problem.nearest for problem in told if problem.token == "muted"] == [None] * len(
        [problem for problem in told if problem.token == "muted"]
    )
    assert "muted" in {problem.token for problem in told}


def test_a_ratio_is_never_rounded_up_to_a_pass(neutral: Theme) -> None:
    light = Palette(**dict.fromkeys(Palette.__struct_fields__, "#ffffff"))
    close = with_token(light, "muted", "#777777")
    measure = next(m for m in measures_of(replace(neutral, light=close)) if (m.front, m.back) == ("muted", "ground"))
    assert (measure.ratio, measure.passes) == (4.47, False)


@settings(max_examples=60, deadline=None)
@given(colours)
@example("#0b6e4f")
@example("#ffd500")
@example("#000000")
@example("#ffffff")
@example("#777777")
@example("#00ffff")
@example("#0000ff")
def test_a_theme_that_follows_from_any_colour_can_be_read(accent: str) -> None:
    theme = derive_theme(accent, "Essai")
    assert problems_of(theme) == []


def test_a_colour_on_which_text_can_be_read_is_kept() -> None:
    theme = derive_theme("#0b6e4f", "Valmarsan")
    assert theme.light.accent == theme.light.link == "#0b6e4f"
