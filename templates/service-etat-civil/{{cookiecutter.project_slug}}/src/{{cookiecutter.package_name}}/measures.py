"""What tells whether this service works: pure figures over its cases."""

from collections.abc import Iterable
from statistics import median

from labkit.prototype import RequestSubmitted, ServiceCase

from {{ cookiecutter.package_name }}.events import (
    RecordChosen,
    RecordIssued,
)
from {{ cookiecutter.package_name }}.rules import ZONE

# For these, most administrations and every notary read the register themselves (COMEDEC).
READ_BY_OTHERS = ("identity-papers", "inheritance")


def days_to_issue(cases: Iterable[ServiceCase]) -> float | None:
    """Return half of the requests’ delay, in days, from their sending to the document."""
    delays = [days for case in cases if (days := days_of(case)) is not None]
    return median(delays) if delays else None


def days_of(case: ServiceCase) -> int | None:
    """Return how many days a request took."""
    sent = (moment for moment in case.moments if isinstance(moment.service_event, RequestSubmitted))
    sent_on = next((moment.occurred_at.astimezone(ZONE).date() for moment in sent), None)
    issued = case.latest(RecordIssued)
    return (issued.issued_on - sent_on).days if sent_on and issued else None


def needless_share(cases: Iterable[ServiceCase]) -> float | None:
    """Return the share of requests sent for what another administration would have read itself."""
    chosen = [event for case in cases if case.submitted and (event := case.latest(RecordChosen))]
    return sum(event.purpose in READ_BY_OTHERS for event in chosen) / len(chosen) if chosen else None
