"""What the verb says, and that `labkit` finds it."""

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.testing import CliRunner
from labkit.exit_codes import ExitCode
from labkit.messages import Texts
from labkit.plugins import GROUP
from ledger.domain.vocabulary import Channel, Language

from {{ cookiecutter.package_name }}.verb import (
    ChannelFigures,
    Overview,
    build,
    line_of,
    shares_of,
    words,
)

PROJECT = Path(__file__).parents[1]


def figures(channel: Channel, cases: int, interactions: int) -> ChannelFigures:
    """What an instance counts for a channel."""
    return ChannelFigures(channel=channel, cases=cases, interactions=interactions)


def test_the_most_used_channel_comes_first_and_unused_ones_are_left_out() -> None:
    overview = Overview(
        channels=[figures(Channel.WEB, 1, 4), figures(Channel.COUNTER, 3, 3), figures(Channel.SOCIAL, 0, 0)]
    )

    shares = shares_of(overview)

    assert [(share.channel, share.cases_percent) for share in shares] == [
        (Channel.COUNTER, 75),
        (Channel.WEB, 25),
    ]


def test_an_empty_ledger_has_no_channel() -> None:
    assert shares_of(Overview(channels=[])) == []


@pytest.mark.parametrize(("language", "word"), [("en", "requests"), ("fr", "demandes")])
def test_a_line_speaks_the_reader_s_language(language: Language, word: str) -> None:
    (share,) = shares_of(Overview(channels=[figures(Channel.POST, 2, 5)]))

    assert word in line_of(share, Texts(language).also(words()))


@pytest.mark.parametrize(("language", "word"), [("en", "Show"), ("fr", "Montrer")])
def test_the_help_is_in_both_languages(language: Language, word: str) -> None:
    said = CliRunner().invoke(build(Texts(language)), ["--help"])

    assert said.exit_code == ExitCode.OK
    assert word in said.output


def test_where_nothing_runs_the_verb_says_so(tmp_path: Path) -> None:
    said = CliRunner().invoke(build(Texts("en")), ["--data", str(tmp_path)])

    assert said.exit_code == ExitCode.NOTHING_RUNNING


def test_labkit_finds_the_verb() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    ((name, value),) = project["entry-points"][GROUP].items()

    assert EntryPoint(name=name, value=value, group=GROUP).load() is build
