"""A whole theme from one colour, and a theme as its file; what is derived can be read, by day and by night.

The colour given is kept where text can be read on it, else it is moved as little as is needed; its hue stays.
"""

import tomlkit
from msgspec import Struct, to_builtins
from msgspec.structs import replace

from labkit.prototype.look.colour import Lch, hex_of, lch_of
from labkit.prototype.look.contrast import measures_of, nearest, with_token
from labkit.prototype.look.theme import Logo, Name, Palette, Theme

ROUNDS_MAX = 40

_RED, _AMBER, _GREEN, _VIOLET, _ORANGE = 27.0, 75.0, 152.0, 300.0, 45.0
_FOCUS_APART = 60.0
_INITIALS = 2


class Tone(Struct, frozen=True):
    """How light a token is and how much colour it has; its hue is the accent's unless it has its own."""

    lightness: float
    chroma: float
    hue: float | None = None


_DAY = {
    "ground": Tone(0.975, 0.006),
    "surface": Tone(1.0, 0.0),
    "text": Tone(0.24, 0.025),
    "muted": Tone(0.46, 0.025),
    "line": Tone(0.89, 0.012),
    "on-accent": Tone(1.0, 0.0),
    "accent-soft": Tone(0.945, 0.028),
    "error": Tone(0.5, 0.19, _RED),
    "on-error": Tone(1.0, 0.0),
    "success": Tone(0.5, 0.12, _GREEN),
    "warning": Tone(0.55, 0.115, _AMBER),
}
_NIGHT = {
    "ground": Tone(0.18, 0.012),
    "surface": Tone(0.225, 0.015),
    "text": Tone(0.945, 0.008),
    "muted": Tone(0.76, 0.018),
    "line": Tone(0.35, 0.02),
    "on-accent": Tone(0.19, 0.03),
    "accent-soft": Tone(0.3, 0.04),
    "error": Tone(0.76, 0.13, _RED),
    "on-error": Tone(0.19, 0.04, _RED),
    "success": Tone(0.8, 0.13, _GREEN),
    "warning": Tone(0.83, 0.12, _AMBER),
}
_DAY_FOCUS, _NIGHT_FOCUS = (0.52, 0.21), (0.82, 0.11)
_NIGHT_ACCENT = (0.79, 0.12)


def derive_theme(accent: str, name: str) -> Theme:
    """Return the theme that follows from one colour."""
    given = lch_of(accent)
    night = hex_of(Lch(_NIGHT_ACCENT[0], min(given.chroma, _NIGHT_ACCENT[1]), given.hue))
    theme = Theme(
        name=Name(fr=name, en=name),
        light=_palette(accent, _DAY, _DAY_FOCUS),
        dark=_palette(night, _NIGHT, _NIGHT_FOCUS),
        logo=Logo(text=initials(name)),
    )
    return _mended(theme)


def initials(name: str) -> str:
    """Return the letters that stand for a name where it has no room."""
    words = "".join(letter if letter.isalnum() else " " for letter in name).split()
    long = [word for word in words if word[0].isupper()] or words
    return "".join(word[0] for word in long[:_INITIALS]).upper()


def toml_of(theme: Theme) -> str:
    """Return the theme as its file says it."""
    tables = {section: {token: value for token, value in table.items() if value} for section, table in _tables(theme)}
    return tomlkit.dumps({section: table for section, table in tables.items() if table})


def _tables(theme: Theme) -> list[tuple[str, dict[str, str]]]:
    tables: dict[str, dict[str, str]] = to_builtins(theme)
    order = ("name", "logo", "type", "shape", "light", "dark")
    return [(section, tables[section]) for section in order]


def _palette(accent: str, tones: dict[str, Tone], focus: tuple[float, float]) -> Palette:
    of = lch_of(accent)
    colours = {token: _toned(tone, of) for token, tone in tones.items()}
    away = _VIOLET if abs((of.hue - _VIOLET + 180) % 360 - 180) > _FOCUS_APART else _ORANGE
    colours |= {"accent": accent, "link": accent, "focus": hex_of(Lch(*focus, away))}
    return Palette(**{token.replace("-", "_"): colour for token, colour in colours.items()})


def _toned(tone: Tone, accent: Lch) -> str:
    # A grey accent must not tint what it gives its hue to: its hue means nothing.
    own = tone.hue is not None
    return hex_of(Lch(tone.lightness, tone.chroma if own else min(tone.chroma, accent.chroma), tone.hue or accent.hue))


def _mended(theme: Theme) -> Theme:
    for _ in range(ROUNDS_MAX):
        failed = next((measure for measure in measures_of(theme) if not measure.passes), None)
        if failed is None:
            return theme
        palette, token = theme.palettes()[failed.mode], failed.moves
        colour = nearest(palette, token)
        if colour is None:
            break
        theme = replace(theme, **{failed.mode: with_token(palette, token, colour)})
    raise AssertionError(f"no readable theme follows from {theme.light.accent}")
