"""What a project declares of its service: the pages in order, what an agent adds, and the rules.

Everything here is pure: a rule takes a case and what just happened, and answers with events.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TypeAlias

from msgspec import Struct

from labkit.prototype.events import ServiceEvent, name_of
from labkit.prototype.kit_events import KIT_EVENTS
from labkit.prototype.story import ServiceCase

Rule: TypeAlias = Callable[[ServiceCase, ServiceEvent], Iterable[ServiceEvent]]
Condition: TypeAlias = Callable[[ServiceCase], bool]
Measure: TypeAlias = Callable[[Iterable[ServiceCase]], float | int | None]


def always(_: ServiceCase) -> bool:
    """Ask in every case."""
    return True


class Page(Struct, frozen=True):
    """One page: it asks for the fields of one event and records it; `when` says in which cases it is asked."""

    name: str
    event: type[ServiceEvent]
    when: Condition = always


class Variant(Struct, frozen=True):
    """A feature with its variants, the first of which is what is shown without an experiment."""

    feature: str
    variants: tuple[str, ...]


class Service(Struct, frozen=True, kw_only=True, dict=True):
    """A service: what citizens are asked, what agents add, what follows from it, what is measured."""

    pages: tuple[Page, ...]
    desk: tuple[Page, ...] = ()
    rules: tuple[Rule, ...] = ()
    events: tuple[type[ServiceEvent], ...] = ()
    variants: tuple[Variant, ...] = ()
    measures: dict[str, Measure] = {}

    @cached_property
    def kinds(self) -> dict[str, type[ServiceEvent]]:
        """Return every event that may be on a case, by its public name."""
        asked = (page.event for page in (*self.pages, *self.desk))
        return {name_of(kind): kind for kind in (*KIT_EVENTS, *asked, *self.events)}

    def page(self, name: str) -> Page | None:
        """Return a page by its name."""
        return next((page for page in (*self.pages, *self.desk) if page.name == name), None)

    def asked(self, case: ServiceCase) -> list[Page]:
        """Return the pages that this case is asked, in order."""
        return [page for page in self.pages if page.when(case)]

    def next_page(self, case: ServiceCase) -> Page | None:
        """Return the first page still to be answered, `None` when all are."""
        return next((page for page in self.asked(case) if case.latest(page.event) is None), None)

    def follow(self, case: ServiceCase, event: ServiceEvent) -> list[ServiceEvent]:
        """Return what the rules say follows from an event that was just recorded."""
        return [following for rule in self.rules for following in rule(case, event)]
