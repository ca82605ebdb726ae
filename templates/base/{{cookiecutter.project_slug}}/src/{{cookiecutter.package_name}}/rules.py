"""What follows from an event, by the rules of this service. Pure: a case and an event in, events out."""

from collections.abc import Iterable

from labkit.prototype import ServiceCase, ServiceEvent


def follow(case: ServiceCase, event: ServiceEvent) -> Iterable[ServiceEvent]:
    """Return what follows from an event: nothing yet."""
    return ()
