"""The posts of a case in order, who wrote them, whether everybody reads along, and what became of each answer. Pure."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from labkit.prototype.forking import is_copied
from labkit.prototype.kit_events import DeliveryEnded
from labkit.prototype.social.posts import Addressee, addressee_in
from labkit.prototype.story import Moment, ServiceCase
from ledger.domain.events import InteractionRecorded, SocialPost
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel, Direction

State = Literal["waiting", "published", "given-up"]
UNPUBLISHED: tuple[State, ...] = ("waiting", "given-up")


class Said(Struct, frozen=True, kw_only=True):
    """One post or answer as it is shown; `state` is an answer's."""

    contact_id: UUID
    mine: bool
    network: str
    public: bool
    text: str
    at: datetime
    to: Addressee | None
    state: State | None = None

    @property
    def post_id(self) -> str:
        """Return what a reply names: a post's own identifier, or that of our answer."""
        return str(self.contact_id) if self.mine or self.to is None else self.to.post_id


class Waiting(Struct, frozen=True, kw_only=True):
    """What the list sorts a case by; nothing personal."""

    case_id: CaseId
    public: bool
    since: datetime | None
    last_at: datetime
    unpublished: int


def said_in(case: ServiceCase) -> list[Said]:
    """Return the posts and answers of a case, the oldest first."""
    ended = {each.answer: each.delivered for each in case.every(DeliveryEnded)}
    return [_said(moment, contact, ended) for moment, contact in _told(case)]


def waiting_in(case: ServiceCase) -> Waiting | None:
    """Return since when a case waits for an answer, on whatever channel it may come; `None` without posts."""
    posts = _contacts(case)
    if not posts:
        return None
    since, public = None, False
    for contact in case.contacts():
        if contact.direction is Direction.OUT:
            since, public = None, False
        elif contact.channel is Channel.SOCIAL:
            since, public = since or contact.occurred_at, public or is_public(contact)
    return Waiting(
        case_id=case.id,
        public=public,
        since=since,
        last_at=max(post.occurred_at for post in posts),
        unpublished=sum(said.state in UNPUBLISHED for said in said_in(case)),
    )


def authors_of(case: ServiceCase) -> set[tuple[str, str]]:
    """Return with whom this case has been, each with their network."""
    return {(network_of(contact), to.author) for contact in _contacts(case) if (to := addressee_in(contact.contact))}


def last_post(case: ServiceCase) -> Said | None:
    """Return what an answer answers."""
    return next((said for said in reversed(said_in(case)) if not said.mine and said.to is not None), None)


def to_deliver(case: ServiceCase) -> list[InteractionRecorded]:
    """Return the answers that have not left; those of a copied case left with the case they were copied from."""
    ended = {each.answer for each in case.every(DeliveryEnded)}
    ours = [contact for moment, contact in _told(case) if contact.direction is Direction.OUT and not is_copied(moment)]
    return [each for each in ours if each.contact and str(each.interaction_id) not in ended]


def network_of(contact: InteractionRecorded) -> str:
    """Return on which network a contact took place."""
    return contact.particulars.network if isinstance(contact.particulars, SocialPost) else ""


def is_public(contact: InteractionRecorded) -> bool:
    """Tell whether everybody reads a contact."""
    return isinstance(contact.particulars, SocialPost) and contact.particulars.public


def _told(case: ServiceCase) -> list[tuple[Moment, InteractionRecorded]]:
    contacts = ((moment, moment.event) for moment in case.moments)
    return [(m, event) for m, event in contacts if isinstance(event, InteractionRecorded) and _is_here(event)]


def _contacts(case: ServiceCase) -> list[InteractionRecorded]:
    return [contact for _, contact in _told(case)]


def _is_here(contact: InteractionRecorded) -> bool:
    return contact.channel is Channel.SOCIAL


def _said(moment: Moment, contact: InteractionRecorded, ended: dict[str, bool]) -> Said:
    mine = contact.direction is Direction.OUT
    states: dict[bool | None, State] = {None: "waiting", True: "published", False: "given-up"}
    state = states[ended.get(str(contact.interaction_id))]
    return Said(
        contact_id=contact.interaction_id,
        mine=mine,
        network=network_of(contact),
        public=is_public(contact),
        text=contact.summary,
        at=contact.occurred_at,
        to=addressee_in(contact.contact),
        state=state if mine and not is_copied(moment) else None,
    )
