"""Whether a theme can be read: every pair of colours that the style sheet really puts together, by WCAG 2.2.

A ratio is never rounded up to a pass. What would pass is looked for on the token that a designer would move:
the colour in front, or the fill when what is in front is what is written on that fill.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from labkit.prototype.look.colour import contrast, hex_of, lch_of
from labkit.prototype.look.theme import Palette, Theme, shades_of

Mode = Literal["light", "dark"]

TEXT = 4.5
CONTROL = 3.0
_STEPS = 256


class Pair(Struct, frozen=True):
    """A colour in front of another, and the least ratio between them."""

    front: str
    back: str
    least: float

    @property
    def moves(self) -> str:
        """Return the token that is moved when the pair fails."""
        return (self.back if self.front.startswith("on-") else self.front).removesuffix("-strong")


class Measure(Struct, frozen=True, kw_only=True):
    """What a pair measures in one mode."""

    mode: Mode
    front: str
    back: str
    moves: str
    colours: tuple[str, str]
    ratio: float
    least: float
    passes: bool


class ContrastProblem(Struct, frozen=True, kw_only=True):
    """A pair that cannot be read, and the nearest colour of one token that ends all that is wrong with it."""

    mode: Mode
    front: str
    back: str
    ratio: float
    least: float
    token: str
    nearest: str | None


def _pairs() -> Iterator[Pair]:
    grounds = ("ground", "surface", "accent-soft")
    for back in (*grounds, "error-soft", "success-soft", "warning-soft"):
        yield Pair("text", back, TEXT)
    for front in ("link", "muted"):
        yield from (Pair(front, back, TEXT) for back in grounds)
    yield from (Pair("error", back, TEXT) for back in ("ground", "surface"))
    for fill in ("accent", "error"):
        yield from (Pair(f"on-{fill}", back, TEXT) for back in (fill, f"{fill}-strong"))
    for front in ("accent", "focus"):
        yield from (Pair(front, back, CONTROL) for back in grounds)
    for front in ("error", "success", "warning"):
        yield Pair(front, f"{front}-soft", CONTROL)


PAIRS = tuple(_pairs())


def measures_of(theme: Theme) -> list[Measure]:
    """Return what every pair measures, by day and by night."""
    modes: tuple[tuple[Mode, dict[str, str]], ...] = (
        ("light", shades_of(theme.light)),
        ("dark", shades_of(theme.dark)),
    )
    return [_measure(pair, shades, mode) for mode, shades in modes for pair in PAIRS]


def problems_of(theme: Theme) -> list[ContrastProblem]:
    """Return every pair that cannot be read, with what would mend it."""
    return [_problem(measure, theme) for measure in measures_of(theme) if not measure.passes]


def with_token(palette: Palette, token: str, colour: str) -> Palette:
    """Return the palette with one token changed."""
    return replace(palette, **{token.replace("-", "_"): colour})


def _measure(pair: Pair, shades: dict[str, str], mode: Mode) -> Measure:
    front, back = shades[pair.front], shades[pair.back]
    ratio = contrast(front, back)
    return Measure(
        mode=mode,
        front=pair.front,
        back=pair.back,
        moves=pair.moves,
        colours=(front, back),
        ratio=int(ratio * 100) / 100,
        least=pair.least,
        passes=ratio >= pair.least,
    )


def _problem(measure: Measure, theme: Theme) -> ContrastProblem:
    return ContrastProblem(
        mode=measure.mode,
        front=measure.front,
        back=measure.back,
        ratio=measure.ratio,
        least=measure.least,
        token=measure.moves,
        nearest=nearest(theme.palettes()[measure.mode], measure.moves),
    )


def nearest(palette: Palette, token: str) -> str | None:
    """Return the colour of the same hue, nearest in lightness, with which all pairs that a token moves can be read."""
    now = lch_of(msgspec.to_builtins(palette)[token])
    lightnesses = sorted((step / _STEPS for step in range(_STEPS + 1)), key=lambda light: abs(light - now.lightness))
    candidates = (hex_of(replace(now, lightness=lightness)) for lightness in lightnesses)
    return next((colour for colour in candidates if _reads(with_token(palette, token, colour), token)), None)


def _reads(palette: Palette, token: str) -> bool:
    shades = shades_of(palette)
    concerned = (pair for pair in PAIRS if pair.moves == token)
    return all(contrast(shades[pair.front], shades[pair.back]) >= pair.least for pair in concerned)
