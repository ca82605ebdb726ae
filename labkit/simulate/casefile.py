"""A case as those who live it see it: who asks, who answers, what is still awaited, and what comes next."""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import TypedDict

from msgspec import Struct

from labkit.simulate.catalogue import ServiceSketch
from labkit.simulate.people import Resident, plain
from labkit.simulate.randomness import draw_uuid
from labkit.simulate.territory import Commune, Territory
from ledger.domain.commands import LedgerCommand
from ledger.domain.identifiers import CaseId, CommandId, InteractionId, RequestId
from ledger.domain.vocabulary import Channel

Play = Callable[["CaseFile", datetime], LedgerCommand]
_SLUG_CHARACTERS_MAX = 30
_INHABITANTS_AN_AGENT = 4000
_AGENTS_MAX = 5


class Scene(Struct, frozen=True):
    """One thing that will be done on a case, some hours after the one before it."""

    play: Play
    hours_min: float
    hours_max: float


class CommandHeader(TypedDict):
    """The fields that every command about a case needs."""

    command_id: CommandId
    occurred_at: datetime
    case_id: CaseId


class CaseFile:
    """A case that is being lived: it changes as its scenes are played."""

    def __init__(
        self, rng: Random, service: ServiceSketch, commune: Commune, resident: Resident, channel: Channel
    ) -> None:
        self.rng = rng
        self.service = service
        self.commune = commune
        self.resident = resident
        self.channel = channel
        self.id = CaseId(draw_uuid(rng))
        self.opening_id = InteractionId(draw_uuid(rng))
        self.request_id = RequestId(draw_uuid(rng))
        self.opened_at: datetime | None = None
        self.authority = commune.siren
        self.unit = service.unit
        self.place = plain(commune.name)[:_SLUG_CHARACTERS_MAX]
        self.agent = self.draw_agent()
        self.matter = rng.choice(service.matters)
        self.activities = list(service.activities)
        self.scenes: deque[Scene] = deque()

    def go_to(self, territory: Territory, unit: str) -> None:
        """Let the EPCI and one of its agents go on with the case."""
        self.authority, self.unit = territory.siren, unit
        self.place = plain(territory.short_name)[:_SLUG_CHARACTERS_MAX]
        self.agent = self.draw_agent()

    def header(self, at: datetime) -> CommandHeader:
        """Begin the next command about this case."""
        return {"command_id": CommandId(draw_uuid(self.rng)), "occurred_at": at, "case_id": self.id}

    def draw_agent(self) -> str:
        """Return one of the few agents of the unit, by staff code."""
        agents = 1 + min(self.commune.total_population // _INHABITANTS_AN_AGENT, _AGENTS_MAX)
        return f"{self.place}.{self.service.team}.{self.rng.randint(1, agents)}"

    def next_activity(self) -> str:
        """Return the piece of work that comes next; the last one may be done again."""
        return self.activities.pop(0) if len(self.activities) > 1 else self.activities[0]

    def words(self, texts: list[str]) -> str:
        """Say something about this case."""
        return self.resident.fill(self.rng.choice(texts))
