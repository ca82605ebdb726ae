"""What `channels/social.toml` says: the networks that the lab plays, and where answers go, if anywhere."""

from typing import Annotated

from msgspec import Meta, Struct

from labkit.prototype.channel_settings import read_settings
from labkit.prototype.project import Project
from labkit.prototype.social.posts import NetworkName
from ledger.domain.vocabulary import Channel

Url = Annotated[str, Meta(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$(?!\n)", max_length=500)]


class SocialSettings(Struct, frozen=True, kw_only=True):
    """Without `answers_url` nothing leaves this machine: agents publish by hand what the desk shows them."""

    networks: tuple[NetworkName, ...] = ("Agora",)
    answers_url: Url | None = None


def social_settings(project: Project) -> SocialSettings:
    """Return the settings of a project.

    Raises:
        BrokenProject: they cannot be used.
    """
    return read_settings(project, Channel.SOCIAL, SocialSettings)
