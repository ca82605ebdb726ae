"""A question, and a page that only those see who answered yes to it."""

from typing import Literal

from labkit.prototype import PersonalLines, ServiceEvent

Help = Literal["reading", "moving", "hearing", "other"]


class HelpWanted(ServiceEvent, frozen=True, kw_only=True, tag="help-wanted.v1"):
    """Somebody said whether they need help at the appointment (aide souhaitée)."""

    wanted: bool


class HelpDescribed(ServiceEvent, frozen=True, kw_only=True, tag="help-described.v1"):
    """Somebody said which help (aide décrite)."""

    kinds: tuple[Help, ...]
    details: PersonalLines | None = None
