"""How a letter that leaves is laid out, and the postal addresses that a case knows. Pure."""

from msgspec import Struct

from labkit.prototype.channel_settings import read_settings
from labkit.prototype.project import Project
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import ZONE, Texts
from ledger.domain.events import InteractionRecorded, PostalItem
from ledger.domain.vocabulary import Channel, Direction

_LINES = " / "


class PostSettings(Struct, frozen=True, kw_only=True):
    """What `channels/post.toml` says: the lines under the authority's name, the place, and who signs."""

    sender: tuple[str, ...] = ()
    place: str = ""
    signer: str = ""


class Letter(Struct, frozen=True, kw_only=True):
    """A letter as it is laid out on the page."""

    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    place_and_date: str
    subject: str
    reference: str
    greeting: str
    paragraphs: tuple[str, ...]
    closing: str
    signer: str
    is_prototype: bool


def read_post_settings(project: Project) -> PostSettings:
    """Return the settings of a project's letters.

    Raises:
        BrokenProject: they cannot be used.
    """
    return read_settings(project, Channel.POST, PostSettings)


def one_line(lines: str | None) -> str:
    """Return an address as it is kept: one line."""
    return _LINES.join(line.strip() for line in (lines or "").split("\n") if line.strip())


def last_address(case: ServiceCase) -> str:
    """Return the postal address last known of a case, line by line; empty if there is none."""
    known = (contact.contact for contact in reversed(case.contacts()) if contact.channel is Channel.POST)
    return next(filter(None, known), "").replace(_LINES, "\n")


def laid_out(
    case: ServiceCase, contact: InteractionRecorded, *, project: Project, texts: Texts, settings: PostSettings
) -> Letter:
    """Return an outgoing contact as a letter; what was written in the general form has the service as its subject."""
    name, own = project.manifest.service.authority_name, isinstance(contact.particulars, PostalItem)
    subject, _, body = contact.summary.partition("\n\n") if own else (texts("service.title"), "", contact.summary)
    day = texts.day(contact.occurred_at.astimezone(ZONE).date())
    recipient = contact.contact.replace(_LINES, "\n") or last_address(case)
    return Letter(
        sender=(name, *settings.sender),
        recipient=tuple(recipient.split("\n")),
        place_and_date=texts("post.place-and-date", place=settings.place, day=day)
        if settings.place
        else texts("post.date", day=day),
        subject=subject,
        reference=case.reference,
        greeting=texts("post.greeting"),
        paragraphs=tuple(paragraph for paragraph in body.split("\n") if paragraph.strip()),
        closing=texts("post.closing"),
        signer=settings.signer or name,
        is_prototype=project.manifest.project.phase != "production",
    )


def is_letter(contact: InteractionRecorded) -> bool:
    """Tell whether a contact is a letter that left."""
    return contact.channel is Channel.POST and contact.direction is Direction.OUT
