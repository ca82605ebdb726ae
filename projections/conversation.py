"""Whose turn it is to speak: the contacts of one case, folded into what waits for an agent. Pure.

A citizen's contact waits until the authority answers *knowing of it*: by an outgoing contact that was
recorded later and happened no earlier, or by an act (documents requested, decision, closing) recorded
later. So a call noted in the evening does not answer the e-mail that came at noon, and an entry written
offline that arrives late is not taken for answered. A machine's e-mail neither asks nor answers.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.events import EmailMessage, InteractionCorrected, Particulars
from ledger.domain.vocabulary import Channel, Direction
from projections.keys import to_instant

TIER = 1 << 59  # More than all instants of the years 1 to 9999, twice.
LAST_TIER = 15
RANK_OF_THE_REST = LAST_TIER * TIER - TIER // 2  # Nothing that waits ranks so high, nothing else so low.


class Contact(Struct, frozen=True, kw_only=True):
    """One contact as it stands after its corrections."""

    position: int
    at: int
    recorded_at: int
    channel: Channel
    direction: Direction
    particulars: Particulars | None
    summary: str
    opened_on: Channel

    @property
    def asks(self) -> bool:
        """Tell whether somebody waits for an answer to it."""
        return self.direction is Direction.IN and not is_automatic(self.particulars)

    @property
    def answers(self) -> bool:
        """Tell whether it answers what came before."""
        return self.direction is Direction.OUT and not is_automatic(self.particulars)


class Rules(Struct, frozen=True, kw_only=True):
    """What one inbox looks at (every channel, or one) and how urgent it finds a contact there."""

    channel: Channel | None
    urgency: Callable[[Contact], int | None]
    steps_settle: bool = False

    def concern(self, contact: Contact) -> bool:
        """Tell whether a contact took place on the channel of this inbox."""
        return self.channel is None or contact.channel is self.channel


class Standing(Struct, frozen=True):
    """How many contacts a case had, since when an answer is awaited, and how urgent the inbox finds it."""

    interactions: int = 0
    here_contacts: int = 0
    awaiting_since: int | None = None
    urgency: int | None = None


def soonest(tier: int, instant: int) -> int:
    """Rank by tier, then the earliest first."""
    return tier * TIER + instant


def instant_in(tier: int, rank: int | None) -> int | None:
    """Return the instant that a rank was made with, or `None` if it is of another tier."""
    if rank is None or (rank + TIER // 2) // TIER != tier:
        return None
    return rank - tier * TIER


def unanswered(contact: Contact) -> int | None:
    """Find a contact urgent as long as somebody waits for its answer, the oldest first."""
    return soonest(0, contact.at) if contact.asks else None


def is_automatic(particulars: Particulars | None) -> bool:
    """Tell whether a machine wrote it: an out-of-office reply, a bounce."""
    return isinstance(particulars, EmailMessage) and particulars.automatic


def amend(contact: Contact, corrected: InteractionCorrected) -> Contact:
    """Return a contact after its correction; particulars stay as long as they fit its channel."""
    channel = corrected.channel or contact.channel
    offered = (corrected.particulars, contact.particulars)
    return replace(
        contact,
        at=to_instant(corrected.interaction_occurred_at) if corrected.interaction_occurred_at else contact.at,
        channel=channel,
        direction=corrected.direction or contact.direction,
        particulars=next((known for known in offered if known and _fits(known, channel)), None),
        summary=corrected.summary or contact.summary,
    )


def hear(standing: Standing, contact: Contact, rules: Rules) -> Standing:
    """Return how a case stands after one more contact, which happened no earlier than those before."""
    here = rules.concern(contact)
    since, urgency = standing.awaiting_since, standing.urgency
    if contact.asks:
        since = _earliest(since, contact.at)
    elif contact.answers:
        since = urgency = None
    if here:
        urgency = _earliest(urgency, rules.urgency(contact))
    return Standing(standing.interactions + 1, standing.here_contacts + here, since, urgency)


def retell(newest_first: Sequence[Contact], rules: Rules, *, answered: int, settled: int) -> Standing:
    """Return how a case stands after all its contacts; nothing recorded up to the given acts still waits."""
    here_contacts = 0
    since = urgency = None
    for contact in newest_first:
        here = rules.concern(contact)
        here_contacts += here
        if contact.asks and contact.position > answered:
            since = _earliest(since, contact.at)
        if here and contact.position > settled:
            urgency = _earliest(urgency, rules.urgency(contact))
        if contact.answers:
            answered, settled = max(answered, contact.position), max(settled, contact.position)
    return Standing(len(newest_first), here_contacts, since, urgency)


def _fits(particulars: Particulars, channel: Channel) -> bool:
    return str(particulars.__struct_config__.tag) == str(channel)


def _earliest(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
