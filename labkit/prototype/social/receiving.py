"""What becomes of a post: a contact of the case that it goes on with, else a case of its own.

The same post twice is told once. A case never takes in what somebody else wrote: who joins in begins their own.
"""

from collections.abc import Mapping
from threading import Lock
from uuid import UUID

from labkit.prototype.cases import CITIZEN, Cases
from labkit.prototype.social.keys import Keys
from labkit.prototype.social.posts import Addressee, Post, case_id, contact_id, names_of, read_post
from labkit.prototype.social.refusing import PostRefused
from labkit.prototype.social.threads import authors_of
from labkit.prototype.social.whereabouts import Whereabouts
from labkit.prototype.story import ServiceCase
from ledger.domain.events import SocialPost
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel, Direction
from ledger.webhooks.signature import SignatureRefused, check

CHANNEL = Channel.SOCIAL


class Receiver:
    """Takes posts in, one after the other; may be used from several threads."""

    def __init__(self, cases: Cases, keys: Keys) -> None:
        """Take posts in for the cases of one service."""
        self._cases = cases
        self._keys = keys
        self._naming = keys.naming_for(cases.offer.service)
        self._whereabouts = Whereabouts(cases)
        self._lock = Lock()

    def receive(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Take a signed delivery, and tell whether its post is new.

        Raises:
            PostRefused: it is not signed, too old, or no post.
        """
        try:
            check(headers, body, keys=self._keys.signing, now=self._cases.clock())
        except SignatureRefused as refused:
            raise PostRefused(refused.code) from refused
        return self.take(read_post(body))

    def take(self, post: Post) -> bool:
        """Record a post, and tell whether it is new."""
        key = self._naming
        with self._lock:
            if self._whereabouts.case_of(*names_of(post.network, post.id, key=key)) is not None:
                return False
            case = self._answered_in(post)
            if case is None:
                self._open(post, case_id(post.network, post.id, key=key))
            else:
                self._go_on(post, case, contact_id(post.network, post.id, key=key))
            return True

    def _answered_in(self, post: Post) -> ServiceCase | None:
        """Return the open case of the same person that a post answers in."""
        if post.in_reply_to is None:
            return None
        named = names_of(post.network, post.in_reply_to, key=self._naming)
        found = self._whereabouts.case_of(*named, *_answer_named(post.in_reply_to))
        case = self._cases.get(found) if found else None
        if case is None or case.closed or (post.network, post.author) not in authors_of(case):
            return None
        return case

    def _open(self, post: Post, opened: CaseId) -> None:
        self._cases.open(
            CHANNEL,
            case_id=opened,
            particulars=SocialPost(network=post.network, public=post.public),
            summary=post.text,
            contact=_addressee(post).line(),
            occurred_at=min(post.posted_at, self._cases.clock()),
        )

    def _go_on(self, post: Post, case: ServiceCase, told: UUID) -> None:
        self._cases.contact(
            case.id,
            CHANNEL,
            Direction.IN,
            post.text,
            by=CITIZEN,
            particulars=SocialPost(network=post.network, public=post.public),
            contact=_addressee(post).line(),
            interaction_id=told,
            occurred_at=min(post.posted_at, self._cases.clock()),
        )


def _addressee(post: Post) -> Addressee:
    return Addressee(author=post.author, post_id=post.id)


def _answer_named(post_id: str) -> tuple[UUID, ...]:
    """Return the answer of ours that an identifier names, if it is one."""
    try:
        return (UUID(post_id),)
    except ValueError:
        return ()
