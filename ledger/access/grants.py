"""What an integrator was granted, as the NATS subjects that it comes down to.

An authority, narrowed to services or to events if need be. Every grant holds the erasures: who keeps copies has to
hear that a citizen is to be forgotten.
"""

from itertools import product
from typing import Annotated

from msgspec import Meta, Struct

from ledger.domain.case import Placement
from ledger.domain.events import BY_TAG
from ledger.domain.identifiers import ServiceCode, Siren
from ledger.domain.record import LoggedEvent
from ledger.publishing.subjects import ROOT, subject_of

EVENTS = tuple(sorted({tag.partition(".")[0] for tag in BY_TAG}))
ERASURES = subject_of(Placement(), "citizen-forgotten.v1")
EventStem = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$(?!\n)", max_length=64)]


class Grant(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The events of one authority: of all its services or of some, of all kinds or of some (`case-opened`)."""

    authority: Siren
    services: Annotated[tuple[ServiceCode, ...], Meta(max_length=50)] = ()
    events: Annotated[tuple[EventStem, ...], Meta(max_length=50)] = ()

    def filters(self) -> tuple[str, ...]:
        """Return the subjects that are granted; no two of them have a subject in common."""
        if not self.services and not self.events:
            return (f"{ROOT}.{self.authority}.>", ERASURES)
        chosen = product(dict.fromkeys(self.services) or ("*",), dict.fromkeys(self.events) or ("*",))
        return (*(f"{ROOT}.{self.authority}.{service}.*.{event}" for service, event in chosen), ERASURES)


def subject_in(logged: LoggedEvent) -> str:
    """Return the subject under which an event is published."""
    about = logged.metadata
    return subject_of(Placement(about.authority, about.service, about.channel), logged.tag)


def matches(wanted: str, subject: str) -> bool:
    """Tell whether a subject is among those that a filter names, as NATS does."""
    asked, tokens = wanted.split("."), subject.split(".")
    if asked[-1] == ">" and len(tokens) >= len(asked):
        asked, tokens = asked[:-1], tokens[: len(asked) - 1]
    return len(asked) == len(tokens) and all(one in ("*", token) for one, token in zip(asked, tokens, strict=True))
