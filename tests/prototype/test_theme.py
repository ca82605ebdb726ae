"""A theme is one file of tokens; all that it dresses can be read."""

import csv
import gzip
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from labkit.failures import LabkitFailure, UnreadableFile
from labkit.messages import LANGUAGES
from labkit.prototype.look.colour import Lch, contrast, hex_of
from labkit.prototype.look.contrast import PAIRS, measures_of, problems_of
from labkit.prototype.look.derive import derive_theme, initials, toml_of
from labkit.prototype.look.failures import BadColour, BadToken, MissingLogo, MissingToken, UnknownToken
from labkit.prototype.look.theme import THEMES, Theme, css_of, read_theme

STYLE = (THEMES.parent / "static/prototype.css").read_text("utf-8")
SHIPPED = sorted(THEMES.glob("*.toml"))

each_theme = pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)

Write = Callable[[str, str], Path]


@pytest.fixture
def neutral() -> Theme:
    return read_theme(THEMES / "neutral.toml")


@pytest.fixture
def changed(tmp_path: Path) -> Write:
    """Return a way to write the neutral theme with one change."""

    def write(before: str, after: str) -> Path:
        text = (THEMES / "neutral.toml").read_text("utf-8")
        assert before in text
        (tmp_path / "theme.toml").write_text(text.replace(before, after, 1), "utf-8")
        return tmp_path / "theme.toml"

    return write


@each_theme
def test_every_shipped_theme_can_be_read_by_day_and_by_night(file: Path) -> None:
    theme = read_theme(file)
    assert problems_of(theme) == []
    assert len(measures_of(theme)) == 2 * len(PAIRS)


@each_theme
def test_a_channels_colour_is_seen_in_every_theme(file: Path) -> None:
    hues = [tuple(map(float, found)) for found in re.findall(r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)", STYLE)]
    assert len(hues) == 10
    for palette in read_theme(file).palettes().values():
        for hue in hues:
            assert contrast(hex_of(Lch(*hue)), palette.surface) >= 3


def test_the_communes_of_the_themes_are_fictional() -> None:
    with (
        files("labkit.data").joinpath("communes.csv.gz").open("rb") as packed,
        gzip.open(packed, "rt", encoding="utf-8") as rows,
    ):
        real = {row["name"] for row in csv.DictReader(rows)}
    assert len(real) > 30_000
    assert not real & {read_theme(file).name.fr for file in SHIPPED}


def test_a_theme_is_the_same_css_every_time(neutral: Theme) -> None:
    assert css_of(neutral) == css_of(read_theme(THEMES / "neutral.toml"))
    assert css_of(neutral).startswith(":root {\n  color-scheme: light;\n")


def test_what_the_style_sheet_uses_and_what_a_theme_gives_are_the_same(neutral: Theme) -> None:
    given_ = set(re.findall(r"(--[\w-]+):", css_of(neutral)))
    assert set(re.findall(r"var\((--[\w-]+)\)", STYLE)) == given_
    assert not re.findall(r"(--[\w-]+):", STYLE)


def test_the_style_sheet_has_no_colour_of_its_own_but_the_channels() -> None:
    plain = re.sub(r"/\*.*?\*/", "", STYLE, flags=re.DOTALL)
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;, )])", plain)
    assert set(re.findall(r"rgb\([^)]*\)", plain)) == {"rgb(0 0 0 / 5%)", "rgb(0 0 0 / 12%)"}
    assert "url(" not in plain


def test_night_is_chosen_or_the_machines_and_never_printed(neutral: Theme) -> None:
    css = css_of(neutral)
    assert css.count(f"--ground: {neutral.dark.ground};") == 2
    night = css.partition("@media screen {")[2]
    assert ":root[data-theme=dark]" in night
    assert "@media screen and (prefers-color-scheme: dark) {\n:root:not([data-theme=light])" in night


def test_a_theme_is_read_as_it_was_written(tmp_path: Path) -> None:
    theme = derive_theme("#a83c0c", "Saint-Étienne-d’Essai")
    (tmp_path / "theme.toml").write_text(toml_of(theme), "utf-8")
    assert read_theme(tmp_path / "theme.toml") == theme


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Montclar-la-Forge", "MF"), ("Valmarsan", "V"), ("Val d’Essai", "VE"), ("essai", "E"), ("", "")],
)
def test_the_letters_of_a_name_are_its_capitals(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("before", "after", "failure", "token"),
    [
        ("line =", "lines =", UnknownToken, "[light] lines"),
        ("[shape]", "[shapes]", UnknownToken, "[shapes]"),
        ('muted = "#4b5a65"\n', "", MissingToken, "[light] muted"),
        ('[name]\nfr = "Neutre"\nen = "Neutral"\n', "", MissingToken, "[name]"),
        ('"#4b5a65"', '"grey"', BadColour, "[light] muted"),
        ('"#4b5a65"', '"#4b5a6580"', BadColour, "[light] muted"),
        ('"#4b5a65"', "12", BadColour, "[light] muted"),
        ('"0.5rem"', '"round"', BadToken, "[shape] radius"),
        ('"0.5rem"', '"1px; } body { display: none"', BadToken, "[shape] radius"),
        ("[shape]", '[type]\nfamily = "url(elsewhere)"\n[shape]', BadToken, "[type] family"),
        ("[shape]", '[logo]\ntext = "LOGOS"\n[shape]', BadToken, "[logo] text"),
        ("[shape]", '[logo]\nfile = "../logo.svg"\n[shape]', BadToken, "[logo] file"),
        ("[shape]", '[logo]\nfile = "logo.png"\n[shape]', BadToken, "[logo] file"),
        ('"Neutre"', "[]", BadToken, "[name] fr"),
        ("[name]\n", "shape = 3\n[name]\n", BadToken, "shape"),
    ],
)
def test_what_a_file_may_not_say_is_named(
    changed: Write, before: str, after: str, failure: type[LabkitFailure], token: str
) -> None:
    file = changed(before, after)
    if token == "shape":
        file.write_text(file.read_text("utf-8").replace('[shape]\nradius = "0.5rem"\n', ""), "utf-8")
    with pytest.raises(failure) as refused:
        read_theme(file)
    assert all(token in refused.value.message(language) for language in LANGUAGES)
    assert all(str(file) in refused.value.message(language) for language in LANGUAGES)


def test_a_drawing_stands_beside_its_theme(changed: Write) -> None:
    file = changed("[shape]", '[logo]\nfile = "logo.svg"\n[shape]')
    with pytest.raises(MissingLogo):
        read_theme(file)
    (file.parent / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", "utf-8")
    assert read_theme(file).logo.file == "logo.svg"


@pytest.mark.parametrize("content", [None, b"[name", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "theme.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UnreadableFile):
        read_theme(file)
