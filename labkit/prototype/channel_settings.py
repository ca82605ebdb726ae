"""The settings of a channel as its room declares them: read again at every page, so that an edit shows at the next."""

from typing import TypeVar

import msgspec

from labkit.prototype.failures import BrokenProject
from labkit.prototype.project import Project
from ledger.domain.vocabulary import Channel

Kind = TypeVar("Kind")


def read_settings(project: Project, channel: Channel, kind: type[Kind]) -> Kind:
    """Return what a channel's file says, defaults filled in.

    Raises:
        BrokenProject: it says something else than the room declares.
    """
    try:
        return msgspec.convert(project.settings(channel), kind)
    except msgspec.ValidationError as error:
        file = project.package / "channels" / f"{channel.value}.toml"
        raise BrokenProject(file=file, reason=error) from error
