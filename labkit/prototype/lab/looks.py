"""The look in the lab: the theme's tokens, what every pair of its colours measures, and other themes to try on."""

from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, get

from labkit.prototype.look.contrast import PAIRS, measures_of, problems_of
from labkit.prototype.look.theme import THEMES, read_theme
from labkit.prototype.serving import Asked, Prototype
from labkit.prototype.visiting import THEME

OWN = "theme.toml"


def theme_file(folder: Path, tried_on: str | None) -> Path:
    """Return the file of a theme that comes with the kit, else that of the project."""
    return kit_themes().get(tried_on or "", folder / OWN)


def kit_themes() -> dict[str, Path]:
    """Return the themes that come with the kit, by name."""
    return {file.stem: file for file in sorted(THEMES.glob("*.toml"))}


def routes(prototype: Prototype) -> list[Any]:
    """Return the page of the look."""

    @get("/_lab/{lang:str}/theme", sync_to_thread=True)
    def theme(request: Asked) -> Response[str]:
        """Show the tokens and what they measure."""
        chosen = request.cookies.get(THEME)
        themes = {name: read_theme(file) for name, file in kit_themes().items()}
        shown = read_theme(theme_file(prototype.project.folder, chosen))
        measures = measures_of(shown)
        light, dark = (msgspec.to_builtins(palette) for palette in shown.palettes().values())
        return prototype.page(
            "lab_theme.html",
            request,
            theme=shown,
            chosen=chosen if chosen in themes else "",
            themes=themes,
            tokens=[(name, light[name], dark[name]) for name in light],
            measures=list(zip(measures[: len(PAIRS)], measures[len(PAIRS) :], strict=True)),
            problems=problems_of(shown),
        )

    return [theme]
