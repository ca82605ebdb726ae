"""One authority's look: the colours of day and night, the letters, the corners and the logo, in one `theme.toml`.

A token says what a colour is for, never which it is, so that a theme can be changed without opening a page.
What a file may not say (another colour notation, an address, a piece of CSS) is refused, with its place.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo, fields

from labkit.failures import UnreadableFile
from labkit.prototype.look.colour import Lch, hex_of, is_colour, lch_of, mix
from labkit.prototype.look.failures import BadColour, BadToken, MissingLogo, MissingToken, UnknownToken

THEMES = Path(__file__).parent / "themes"
SYSTEM_LETTERS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif'

_SOFT_LIGHTNESS, _SOFT_CHROMA = 0.12, 0.25
_STRONG = 0.22
_FORMS = {
    "[type] family": re.compile(r"[\w ,\"'-]{1,300}"),
    "[shape] radius": re.compile(r"\d{1,3}(?:\.\d{1,3})?(?:px|rem)"),
    "[logo] text": re.compile(r"[^\W_]{0,4}"),
    "[logo] file": re.compile(r"|[\w-][\w.-]{0,100}\.svg"),
}


class Name(Struct, frozen=True, kw_only=True):
    """What the theme is called."""

    fr: str
    en: str


class Palette(Struct, frozen=True, kw_only=True, rename="kebab"):
    """What each colour is for, by day or by night."""

    ground: str
    surface: str
    text: str
    muted: str
    line: str
    accent: str
    on_accent: str
    accent_soft: str
    focus: str
    error: str
    on_error: str
    success: str
    warning: str
    link: str


class Type(Struct, frozen=True, kw_only=True):
    """The letters: families that readers have already, for nothing is fetched."""

    family: str = SYSTEM_LETTERS


class Shape(Struct, frozen=True, kw_only=True):
    """How round corners are."""

    radius: str = "0.5rem"


class Logo(Struct, frozen=True, kw_only=True):
    """Up to four letters or digits, or a drawing beside the theme."""

    text: str = ""
    file: str = ""


class Theme(Struct, frozen=True, kw_only=True):
    """The whole of `theme.toml`."""

    name: Name
    light: Palette
    dark: Palette
    type: Type = Type()
    shape: Shape = Shape()
    logo: Logo = Logo()

    def palettes(self) -> dict[str, Palette]:
        """Return the colours by mode."""
        return {"light": self.light, "dark": self.dark}


def read_theme(path: Path) -> Theme:
    """Return the theme of a file.

    Raises:
        UnreadableFile: it is missing, or is not TOML.
        UnknownToken, MissingToken, BadColour, BadToken, MissingLogo: it is no theme.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFile(path=path, reason=error) from error
    _check_tables(tables, path)
    theme = msgspec.convert(tables, Theme)
    if theme.logo.file and not (path.parent / theme.logo.file).is_file():
        raise MissingLogo(path=path, file=theme.logo.file)
    return theme


def shades_of(palette: Palette) -> dict[str, str]:
    """Return every colour that the style sheet may use: the tokens, and what follows from them."""
    colours: dict[str, str] = msgspec.to_builtins(palette)
    soft = {f"{name}-soft": _soft(colours[name], palette.surface) for name in ("error", "success", "warning")}
    strong = {f"{name}-strong": mix(palette.text, colours[name], share=_STRONG) for name in ("accent", "error")}
    return colours | soft | strong


def css_of(theme: Theme) -> str:
    """Return the theme as custom properties: by day, by night where it is chosen or the machine's, by day on paper."""
    always = {"family": theme.type.family, "radius": theme.shape.radius}
    night = _properties(shades_of(theme.dark), scheme="dark")
    return (
        f":root {{\n{_properties(always | shades_of(theme.light), scheme='light')}}}\n"
        f"@media screen {{\n:root[data-theme=dark] {{\n{night}}}\n}}\n"
        f"@media screen and (prefers-color-scheme: dark) {{\n:root:not([data-theme=light]) {{\n{night}}}\n}}\n"
    )


def _soft(colour: str, surface: str) -> str:
    # Mixing would meet the tint of the surface half way and give mud: the hue is the colour's own.
    of, on = lch_of(colour), lch_of(surface)
    lightness = on.lightness + _SOFT_LIGHTNESS * (of.lightness - on.lightness)
    return hex_of(Lch(lightness, _SOFT_CHROMA * of.chroma, of.hue))


def _properties(values: Mapping[str, str], *, scheme: str) -> str:
    return f"  color-scheme: {scheme};\n" + "".join(f"  --{name}: {value};\n" for name, value in values.items())


def _check_tables(tables: Mapping[str, Any], path: Path) -> None:
    sections = {field.encode_name: field for field in fields(Theme)}
    _check_names(tables, sections, path, "[{}]".format)
    for section, table in tables.items():
        if not isinstance(table, dict):
            raise BadToken(path=path, place=section, value=table)
        tokens = {field.encode_name: field for field in fields(sections[section].type)}
        _check_names(table, tokens, path, f"[{section}] {{}}".format)
        for token, value in table.items():
            _check_value(f"[{section}] {token}", value, path, colour=sections[section].type is Palette)


def _check_names(
    given: Mapping[str, Any], wanted: Mapping[str, FieldInfo], path: Path, named: Callable[[str], str]
) -> None:
    unknown = next((name for name in given if name not in wanted), None)
    if unknown is not None:
        raise UnknownToken(path=path, place=named(unknown), known=", ".join(wanted))
    missing = next(_missing(given, wanted), None)
    if missing is not None:
        raise MissingToken(path=path, place=named(missing))


def _missing(given: Mapping[str, Any], wanted: Mapping[str, FieldInfo]) -> Iterator[str]:
    return (name for name, field in wanted.items() if field.required and name not in given)


def _check_value(token: str, value: object, path: Path, *, colour: bool) -> None:
    if colour and not (isinstance(value, str) and is_colour(value)):
        raise BadColour(path=path, place=token, value=value)
    form = _FORMS.get(token)
    if not isinstance(value, str) or (form and not form.fullmatch(value)):
        raise BadToken(path=path, place=token, value=value)
