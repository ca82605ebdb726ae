"""What tells whether this service works: pure figures over its cases."""

from collections.abc import Iterable
from statistics import median

from labkit.prototype import RequestSubmitted, ServiceCase

from {{ cookiecutter.package_name }}.events import (
    CardIssued,
    HomeGiven,
)
from {{ cookiecutter.package_name }}.rules import ZONE


def days_to_card(cases: Iterable[ServiceCase]) -> float | None:
    """Return half of the readers’ delay, in days, from the request to the card."""
    delays = [days for case in cases if (days := days_of(case)) is not None]
    return median(delays) if delays else None


def days_of(case: ServiceCase) -> int | None:
    """Return how many days somebody waited for a card."""
    sent = (moment for moment in case.moments if isinstance(moment.service_event, RequestSubmitted))
    sent_on = next((moment.occurred_at.astimezone(ZONE).date() for moment in sent), None)
    card = case.latest(CardIssued)
    return (card.issued_on - sent_on).days if sent_on and card else None


def given_up_share(cases: Iterable[ServiceCase]) -> float | None:
    """Return the share of those living outside the commune who never sent their request."""
    homes = ((case, case.latest(HomeGiven)) for case in cases)
    sent = [case.submitted for case, home in homes if home is not None and home.residence != "commune"]
    return 1 - sum(sent) / len(sent) if sent else None
