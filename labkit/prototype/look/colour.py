"""Colours as people write them and as eyes see them: sRGB, its relative luminance, and OKLCH.

Only opaque `#rgb` and `#rrggbb`: a contrast cannot be told of a colour that lets another one through.
The luminance is that of WCAG 2.2, OKLab that of CSS Color 4.
"""

import math
import re
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

Triple = tuple[float, float, float]

REMEMBERED_MAX = 4096

_WRITTEN = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_GAMUT_STEPS = 24
_TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_FROM_LAB = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_FROM_LMS = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


class Lch(Struct, frozen=True):
    """A colour in OKLCH: lightness from 0 to 1, chroma, hue in degrees."""

    lightness: float
    chroma: float
    hue: float


def is_colour(text: str) -> bool:
    """Tell whether a text is a colour that can be measured."""
    return _WRITTEN.fullmatch(text) is not None


@lru_cache(maxsize=REMEMBERED_MAX)
def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, from 0 (black) to 1 (white)."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, whichever is in front."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=REMEMBERED_MAX)
def lch_of(colour: str) -> Lch:
    """Return a colour by its lightness, its chroma and its hue."""
    lightness, a, b = _lab(colour)
    return Lch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


@lru_cache(maxsize=REMEMBERED_MAX)
def hex_of(lch: Lch) -> str:
    """Return the colour as it is written, with as much of its chroma as a screen can show."""
    shown, least, most = _rgb(lch), 0.0, lch.chroma
    if _shows(shown):
        return _written(shown)
    for _ in range(_GAMUT_STEPS):
        chroma = (least + most) / 2
        shown = _rgb(replace(lch, chroma=chroma))
        least, most = (chroma, most) if _shows(shown) else (least, chroma)
    return _written(_rgb(replace(lch, chroma=least)))


def mix(colour: str, into: str, *, share: float) -> str:
    """Return `into` with a share of a colour, evenly to the eye."""
    pairs = zip(_lab(colour), _lab(into), strict=True)
    lightness, a, b = (share * of + (1 - share) * base for of, base in pairs)
    return hex_of(Lch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360))


def _linear(colour: str) -> Triple:
    digits = colour.removeprefix("#")
    full = digits if len(digits) == len("rrggbb") else "".join(digit * 2 for digit in digits)
    red, green, blue = (_decoded(int(full[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return red, green, blue


def _decoded(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  # sRGB's own


def _encoded(light: float) -> float:
    return light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055  # noqa: PLR2004  # sRGB's own


def _lab(colour: str) -> Triple:
    long, medium, short = _times(_TO_LMS, _linear(colour))
    return _times(_TO_LAB, (math.cbrt(long), math.cbrt(medium), math.cbrt(short)))


def _rgb(lch: Lch) -> Triple:
    angle = math.radians(lch.hue)
    long, medium, short = _times(_FROM_LAB, (lch.lightness, lch.chroma * math.cos(angle), lch.chroma * math.sin(angle)))
    return _times(_FROM_LMS, (long**3, medium**3, short**3))


def _times(matrix: tuple[Triple, Triple, Triple], vector: Triple) -> Triple:
    first, second, third = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third


def _shows(rgb: Triple) -> bool:
    return all(-0.0001 <= light <= 1.0001 for light in rgb)  # noqa: PLR2004  # half a step of eight bits


def _written(rgb: Triple) -> str:
    return "#" + "".join(f"{round(255 * _encoded(min(1.0, max(0.0, light)))):02x}" for light in rgb)
