"""A thread as the ledger tells it: who said what, whether a person is wanted, and the dialogue it adds up to. Pure.

The dialogue is folded again from the messages themselves, so that nothing has to be remembered between two of them.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from labkit.prototype.conversation.dialogue import Dialogue
from labkit.prototype.conversation.replying import reply
from labkit.prototype.conversation.script import Script
from labkit.prototype.forking import copied
from labkit.prototype.kit_events import KIT_EVENTS
from labkit.prototype.service import Service
from labkit.prototype.story import Moment, ServiceCase
from ledger.domain.events import ChatbotExchange, InteractionRecorded
from ledger.domain.identifiers import AgentRef
from ledger.domain.vocabulary import Channel, Direction

MACHINE: AgentRef = "machine"
TURNS_MAX = 400
Author = Literal["citizen", "machine", "agent"]


class Turn(Struct, frozen=True, kw_only=True):
    """One thing said."""

    author: Author
    at: datetime
    text: str


class Care(Struct, frozen=True, kw_only=True):
    """Who answers now, and since when somebody waits for a person."""

    human: bool = False
    wanted_since: datetime | None = None


def exchanges_of(case: ServiceCase) -> list[InteractionRecorded]:
    """Return the messages of the thread, in and out."""
    return [contact for contact in case.contacts() if contact.channel is Channel.CHATBOT]


def turns_of(case: ServiceCase) -> list[Turn]:
    """Return what was said; what was erased since is not there any more."""
    said = [contact for contact in exchanges_of(case) if contact.summary]
    return [Turn(author=author_of(contact), at=contact.occurred_at, text=contact.summary) for contact in said]


def author_of(contact: InteractionRecorded) -> Author:
    """Return who spoke."""
    if contact.direction is Direction.IN:
        return "citizen"
    return "machine" if contact.stamp.by in (MACHINE, copied(MACHINE)) else "agent"


def care_of(case: ServiceCase) -> Care:
    """Return who answers now."""
    care = Care()
    for contact in exchanges_of(case):
        care = _cared(care, contact)
    return care


def dialogue_of(case: ServiceCase, *, service: Service, script: Script) -> Dialogue:
    """Return where the dialogue stands."""
    dialogue, care = Dialogue(), Care()
    for rank, moment in enumerate(case.moments):
        match moment.event:
            case InteractionRecorded(channel=Channel.CHATBOT) as contact:
                if contact.direction is Direction.IN and contact.summary:
                    before = case.until(rank)
                    dialogue = reply(dialogue, contact.summary, service=service, case=before, script=script).dialogue
                care = _cared(care, contact)
                dialogue = _after(dialogue, contact, care)
            case _:
                dialogue = _recorded(dialogue, moment, service)
    return dialogue


def _cared(care: Care, contact: InteractionRecorded) -> Care:
    """Let the last who spoke for the authority answer: the machine gives way by saying that a person is wanted."""
    if author_of(contact) == "citizen":
        return replace(care, wanted_since=care.wanted_since or contact.occurred_at) if care.human else care
    if author_of(contact) == "agent":
        return Care(human=True)
    wanted = isinstance(contact.particulars, ChatbotExchange) and contact.particulars.human_wanted
    return Care(human=True, wanted_since=care.wanted_since or contact.occurred_at) if wanted else Care()


def _after(dialogue: Dialogue, contact: InteractionRecorded, care: Care) -> Dialogue:
    introduced = dialogue.introduced or author_of(contact) == "machine"
    misses = 0 if care.human else dialogue.misses
    return replace(dialogue, introduced=introduced, human=care.human, misses=misses)


def _recorded(dialogue: Dialogue, moment: Moment, service: Service) -> Dialogue:
    """Forget the answers of an unfinished page once the service moved on, here or on another channel."""
    own = tuple(kind for kind in service.kinds.values() if kind not in KIT_EVENTS)
    return replace(dialogue, page=None, given={}) if isinstance(moment.service_event, own) else dialogue
