"""A number to show at the counter, and when one comes: the case that was begun online goes on there."""

from typing import Literal

from labkit.prototype import ServiceEvent

Moment = Literal["morning", "noon", "afternoon"]


class VisitPlanned(ServiceEvent, frozen=True, kw_only=True, tag="visit-planned.v1"):
    """Somebody said when they will come to the counter (passage prévu)."""

    moment: Moment
