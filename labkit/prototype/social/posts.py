"""One post as a network sends it, and what names it on the ledger. Pure."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from labkit.prototype.social.refusing import PostRefused
from ledger.domain.identifiers import CaseId, Moment

BODY_SIZE_MAX_BYTES = 65_536
# No network is older; a moment of the year 1, which stands for none, cannot be shown in every time zone.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# No blank in either, so that both fit in the one line that the ledger keeps for whom to answer.
PostId = Annotated[str, Meta(pattern=r"^\S+$(?!\n)", max_length=100)]
Handle = Annotated[str, Meta(pattern=r"^\S+$(?!\n)", max_length=90)]
NetworkName = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\n]+$(?!\n)")]


class Post(Struct, frozen=True, kw_only=True):
    """One post or private message; `in_reply_to` is a post's identifier, or that of one of our answers."""

    id: PostId
    network: NetworkName
    author: Handle
    text: Annotated[str, Meta(min_length=1, max_length=4000)]
    public: bool
    posted_at: Moment
    in_reply_to: PostId | None = None


class Addressee(Struct, frozen=True, kw_only=True):
    """Whom an answer is for, and which of their posts it answers."""

    author: str
    post_id: str

    def line(self) -> str:
        """Return it as the ledger keeps it, sealed."""
        return f"{self.author} {self.post_id}"


def addressee_in(contact: str) -> Addressee | None:
    """Return whom a contact was with, `None` if it was erased since."""
    author, _, post_id = contact.partition(" ")
    return Addressee(author=author, post_id=post_id) if author and post_id else None


def read_post(body: bytes) -> Post:
    """Return the post that a delivery holds.

    Raises:
        PostRefused: it holds none.
    """
    try:
        post = msgspec.json.decode(body, type=Post)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PostRefused("malformed", reason=str(error)) from error
    if post.posted_at < EARLIEST:
        raise PostRefused("malformed", reason=f"Expected a moment since {EARLIEST.date()} - at `$.posted_at`")
    return post


def contact_id(network: str, post_id: str, *, key: bytes) -> UUID:
    """Return what names a post that goes on with a case."""
    return _named(f"contact\n{network}\n{post_id}", key)


def case_id(network: str, post_id: str, *, key: bytes) -> CaseId:
    """Return the case that a post opens: whoever has a case's identifier may read it, so nobody may guess it."""
    return CaseId(_named(f"case\n{network}\n{post_id}", key))


def names_of(network: str, post_id: str, *, key: bytes) -> tuple[UUID, UUID]:
    """Return what a post may be named on the ledger: by its contact, or by the case that it opened."""
    return (contact_id(network, post_id, key=key), case_id(network, post_id, key=key))


def _named(text: str, key: bytes) -> UUID:
    return UUID(bytes=hmac.new(key, text.encode(), sha256).digest()[:16], version=4)
