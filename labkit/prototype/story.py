"""One case as a service sees it: every moment in order, unsealed for a reader allowed to, and what they add up to.

Folding stops anywhere: `until(version)` is the same case as it stood then.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from labkit.prototype.events import ServiceEvent, Unreadable, join
from labkit.prototype.kit_events import RequestSubmitted
from ledger.domain.citizen import personal_fields
from ledger.domain.events import (
    CaseClosed,
    CaseEvent,
    CaseOpened,
    CaseReopened,
    InteractionRecorded,
    ServiceEventRecorded,
    tag_of,
)
from ledger.domain.identifiers import CaseId, CitizenRef
from ledger.domain.vocabulary import Channel, Direction

Kind = TypeVar("Kind", bound=ServiceEvent)
Reveal = Callable[[str], str | None]


class Moment(Struct, frozen=True, kw_only=True):
    """One event of a case: the ledger's, and the service's own if it carries one that can be read."""

    event: CaseEvent
    service_event: ServiceEvent | None = None

    @property
    def version(self) -> int:
        """Return its place in the case."""
        return self.event.version

    @property
    def occurred_at(self) -> datetime:
        """Return when it happened."""
        return self.event.occurred_at

    @property
    def name(self) -> str:
        """Return the public name: the service's own, or the ledger's."""
        return self.event.name if isinstance(self.event, ServiceEventRecorded) else tag_of(self.event)

    @property
    def channel(self) -> Channel | None:
        """Return on which channel it happened, `None` where the event does not say."""
        return getattr(self.event, "channel", None)


class ServiceCase(Struct, frozen=True, kw_only=True):
    """A case and everything that happened to it, the oldest first."""

    id: CaseId
    moments: tuple[Moment, ...]

    @property
    def opened(self) -> CaseOpened:
        """Return how it began."""
        event = self.moments[0].event
        if not isinstance(event, CaseOpened):
            raise TypeError(f"case {self.id} does not begin with its opening")
        return event

    @property
    def version(self) -> int:
        """Return how many events it has."""
        return self.moments[-1].version

    @property
    def reference(self) -> str:
        """Return the short reference that people use."""
        return self.opened.reference or str(self.id)[:8]

    @property
    def citizen(self) -> CitizenRef | None:
        """Return the pseudonym of the citizen."""
        return self.opened.citizen

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Return the channels it went through, in the order of their first use."""
        return tuple(dict.fromkeys(moment.channel for moment in self.moments if moment.channel))

    @property
    def submitted(self) -> bool:
        """Tell whether the request was sent."""
        return self.latest(RequestSubmitted) is not None

    @property
    def closed(self) -> bool:
        """Tell whether it is closed now."""
        ends = [moment.event for moment in self.moments if isinstance(moment.event, CaseClosed | CaseReopened)]
        return bool(ends) and isinstance(ends[-1], CaseClosed)

    def latest(self, kind: type[Kind]) -> Kind | None:
        """Return the last event of a kind: later answers replace earlier ones."""
        happened = (moment.service_event for moment in reversed(self.moments))
        return next((event for event in happened if isinstance(event, kind)), None)

    def every(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Return all events of a kind, the oldest first."""
        return tuple(m.service_event for m in self.moments if isinstance(m.service_event, kind))

    def contacts(self, direction: Direction | None = None) -> list[InteractionRecorded]:
        """Return the contacts (échanges), in and out."""
        contacts = (moment.event for moment in self.moments)
        return [
            event
            for event in contacts
            if isinstance(event, InteractionRecorded) and direction in (None, event.direction)
        ]

    def until(self, version: int) -> "ServiceCase":
        """Return the case as it stood after its first events; at least its opening remains."""
        return replace(self, moments=self.moments[: max(1, version)])

    def after(self, moment: Moment) -> "ServiceCase":
        """Return the case as it will stand after one moment more."""
        return replace(self, moments=(*self.moments, moment))


def tell(
    case_id: CaseId, events: Iterable[CaseEvent], kinds: Mapping[str, type[ServiceEvent]], reveal: Reveal
) -> ServiceCase:
    """Return the case that these sealed events tell."""
    return ServiceCase(id=case_id, moments=tuple(moment_of(event, kinds, reveal) for event in events))


def moment_of(sealed: CaseEvent, kinds: Mapping[str, type[ServiceEvent]], reveal: Reveal) -> Moment:
    """Unseal one event; what cannot be read any more (erased, or of an older declaration) is told without it."""
    tokens = {name: token for name in personal_fields(type(sealed)) if (token := getattr(sealed, name))}
    texts = {name: reveal(token) for name, token in tokens.items()}
    event = replace(sealed, **{name: text or "" for name, text in texts.items()})
    if not isinstance(event, ServiceEventRecorded) or None in texts.values() or event.name not in kinds:
        return Moment(event=event)
    try:
        return Moment(event=event, service_event=join(kinds[event.name], event.facts, event.content))
    except Unreadable:
        return Moment(event=event)
