"""`labkit theme`: whether an authority's colours can be read, and a whole theme made from one of them."""

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.verbs.frame import Frame, language_option, verb, with_help

if TYPE_CHECKING:
    from rich.text import Text

    from labkit.prototype.look.contrast import ContrastProblem, Measure

THEME = Path("theme.toml")


def build(say: Texts) -> click.RichCommand:
    """Describe the verb; what can be done with a theme is a verb below it."""
    group = click.RichGroup(
        name="theme",
        commands=[
            verb(say, "theme check", check_theme, [_file(say)]),
            verb(say, "theme show", show_theme, [_file(say)]),
            verb(say, "theme new", new_theme, [_file(say), *_new_options(say)]),
        ],
        params=[language_option(say)],
        help=say("theme.help"),
        short_help=say("theme.short"),
    )
    return with_help(say, group)


def _file(say: Texts) -> click.Argument:
    file = click.Path(dir_okay=False, path_type=Path)
    return click.Argument(["file"], type=file, default=THEME, required=False, metavar=say("theme.file"))


def _new_options(say: Texts) -> list[click.Parameter]:
    return [
        click.Option(["--accent"], required=True, metavar="#RRGGBB", help=say("theme-new.accent")),
        click.Option(["--name"], required=True, metavar=say("theme-new.name-value"), help=say("theme-new.name")),
        click.Option(["--force"], is_flag=True, help=say("theme-new.force")),
    ]


def check_theme(frame: Frame, *, file: Path) -> ExitCode:
    """Say which pairs of colours cannot be read, and what would mend them."""
    # Here as below, the look is loaded by its own verbs only: the others answer at once.
    from labkit.prototype.look.contrast import PAIRS, problems_of  # noqa: PLC0415
    from labkit.prototype.look.theme import read_theme  # noqa: PLC0415

    theme = read_theme(file)
    problems = problems_of(theme)
    frame.answer(problems)
    if not problems:
        pairs = frame.say.number(len(PAIRS) * len(theme.palettes()))
        frame.write(frame.say("theme-check.passes", file=file, pairs=pairs))
        return ExitCode.OK
    for problem in problems:
        frame.write(_told(frame.say, problem))
    return ExitCode.FOUND


def show_theme(frame: Frame, *, file: Path) -> ExitCode:
    """Show every pair of colours with its ratio."""
    from labkit.prototype.look.contrast import measures_of  # noqa: PLC0415
    from labkit.prototype.look.theme import read_theme  # noqa: PLC0415

    measures = measures_of(read_theme(file))
    frame.answer(measures)
    for mode in dict.fromkeys(measure.mode for measure in measures):
        frame.write(frame.say("theme-show.light") if mode == "light" else frame.say("theme-show.dark"))
        for measure in measures:
            if measure.mode == mode:
                frame.write(_row(frame.say, measure))
    return ExitCode.OK if all(measure.passes for measure in measures) else ExitCode.FOUND


def new_theme(frame: Frame, *, file: Path, accent: str, name: str, force: bool) -> ExitCode:
    """Write a theme that follows from one colour, and say whether the colour had to move."""
    from labkit.prototype.look.colour import is_colour  # noqa: PLC0415
    from labkit.prototype.look.derive import derive_theme, toml_of  # noqa: PLC0415
    from labkit.prototype.look.failures import BadColour, ThemeExists  # noqa: PLC0415
    from labkit.publish.contents import Content  # noqa: PLC0415
    from labkit.publish.publishing import put_in_place  # noqa: PLC0415

    if not is_colour(accent):
        raise BadColour(path="labkit theme new", place="--accent", value=accent)
    if not name.strip():
        raise click.UsageError(frame.say("theme-new.nameless"))
    if file.exists() and not force:
        raise ThemeExists(path=file)
    theme = derive_theme(accent.lower(), name)
    put_in_place(file.parent, [Content(place=file.name, data=toml_of(theme).encode())])
    frame.answer(theme)
    frame.write(frame.say("theme-new.written", file=file))
    if theme.light.accent != accent.lower():
        frame.write(frame.say("theme-new.moved", accent=accent, moved=theme.light.accent))
    return ExitCode.OK


def _told(say: Texts, problem: "ContrastProblem") -> str:
    mode = say("theme-show.light") if problem.mode == "light" else say("theme-show.dark")
    ratio, least = _decimal(say, problem.ratio), _decimal(say, problem.least)
    told = say("theme-check.fails", mode=mode, front=problem.front, back=problem.back, ratio=ratio, least=least)
    if problem.nearest is None:
        advice = say("theme-check.nothing", token=problem.token)
    else:
        advice = say("theme-check.mend", mode=problem.mode, token=problem.token, colour=problem.nearest)
    return f"{told} {advice}"


def _row(say: Texts, measure: "Measure") -> "Text":
    from rich.style import Style  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    front, back = measure.colours
    verdict = say("theme-show.passes") if measure.passes else say("theme-show.fails")
    pair = say("theme-show.pair", front=measure.front, back=measure.back)
    return Text.assemble(
        "  ",
        (" Aa ", Style(color=_full(front), bgcolor=_full(back))),
        f"  {pair:<32}{_decimal(say, measure.ratio):>6} ≥ {_decimal(say, measure.least)}  ",
        (verdict, "" if measure.passes else "bold red"),
    )


def _full(colour: str) -> str:
    short = len(colour) == len("#rgb")
    return "#" + "".join(digit * 2 for digit in colour[1:]) if short else colour


def _decimal(say: Texts, value: float) -> str:
    return f"{value:.2f}".replace(".", "," if say.language == "fr" else ".")
