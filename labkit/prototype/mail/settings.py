"""What `channels/email.toml` says of the mailbox: its address, where it listens, and the relay, if there is one."""

import re
from typing import Annotated

from msgspec import Meta, Struct

from labkit.prototype.channel_settings import read_settings
from labkit.prototype.mail.reading import ADDRESS
from labkit.prototype.project import Project
from ledger.domain.vocabulary import Channel

Port = Annotated[int, Meta(ge=0, le=65_535)]
Relay = Annotated[str, Meta(pattern=r"^[A-Za-z0-9.-]+:[0-9]{1,5}$(?!\n)")]


class MailSettings(Struct, frozen=True, kw_only=True):
    """A mailbox: with a `domain`, everybody in it is received; with a `relay`, what is written leaves at once."""

    address: Annotated[str, Meta(pattern=f"^{ADDRESS}$(?!\n)")]
    port: Port = 0
    domain: str | None = None
    relay: Relay | None = None

    def receives(self, recipient: str) -> bool:
        """Tell whether somebody here has this address, with or without a tag (`name+tag@domain`)."""
        local, _, domain = recipient.lower().rpartition("@")
        ours, _, our_domain = self.address.lower().rpartition("@")
        wide = self.domain is not None and domain == self.domain.lower()
        return bool(local) and (wide or (local.partition("+")[0], domain) == (ours, our_domain))

    def tagged(self, tag: str) -> str:
        """Return the address at which an answer finds its case."""
        local, _, domain = self.address.rpartition("@")
        return f"{local}+{re.sub(r'[^A-Za-z0-9-]', '', tag)}@{domain}"

    def tag_of(self, recipient: str) -> str:
        """Return the tag of one of our addresses, empty if there is none."""
        return recipient.rpartition("@")[0].partition("+")[2] if self.receives(recipient) else ""


def read_mail_settings(project: Project) -> MailSettings:
    """Return the settings of a project's mailbox.

    Raises:
        BrokenProject: they cannot be used.
    """
    return read_settings(project, Channel.EMAIL, MailSettings)
