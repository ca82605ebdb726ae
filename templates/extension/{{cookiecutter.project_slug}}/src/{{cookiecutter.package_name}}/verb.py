"""`labkit {{ cookiecutter.project_slug }}`: on which channels requests begin, and have contacts."""

from importlib.resources import files

import rich_click as click
from labkit.exit_codes import ExitCode
from labkit.messages import Catalogue, Texts, by_key
from labkit.verbs.frame import Frame, verb
from ledger.domain.vocabulary import Channel
from msgspec import Struct


class ChannelFigures(Struct, frozen=True, kw_only=True):
    """What the instance counts for one channel: requests that began there, contacts that took place there."""

    channel: Channel
    cases: int
    interactions: int


class Overview(Struct, frozen=True, kw_only=True):
    """What is read of the instance's overview."""

    channels: list[ChannelFigures]


class Share(Struct, frozen=True, kw_only=True):
    """The part that one channel has."""

    channel: Channel
    cases: int
    cases_percent: int
    interactions: int


def build(say: Texts) -> click.RichCommand:
    """Describe the verb, in words of its own."""
    return verb(say.also(words()), "{{ cookiecutter.project_slug }}", show)


def words() -> Catalogue:
    """Return the verb's own words, in both languages."""
    return by_key(files(__package__).joinpath("texts.toml").read_text("utf-8"))


def show(frame: Frame) -> ExitCode:
    """Show the part of each channel."""
    shares = shares_of(frame.client().get("/views/overview", Overview))
    frame.answer(shares)
    for share in shares:
        frame.write(line_of(share, frame.say))
    return ExitCode.OK


def shares_of(overview: Overview) -> list[Share]:
    """Return the part of each channel where something happened, the most used first."""
    total = sum(figures.cases for figures in overview.channels) or 1
    shares = [
        Share(
            channel=figures.channel,
            cases=figures.cases,
            cases_percent=round(100 * figures.cases / total),
            interactions=figures.interactions,
        )
        for figures in overview.channels
        if figures.cases or figures.interactions
    ]
    return sorted(shares, key=lambda share: (-share.cases, -share.interactions, share.channel))


def line_of(share: Share, say: Texts) -> str:
    """Return one line for people."""
    return say(
        "{{ cookiecutter.project_slug }}.line",
        channel=share.channel.label(say.language),
        cases=say.number(share.cases),
        percent=share.cases_percent,
        interactions=say.number(share.interactions),
    )
