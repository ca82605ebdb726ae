"""What tells whether this service works: pure figures over its cases."""

from collections.abc import Iterable
from statistics import median

from labkit.prototype import ServiceCase
from ledger.domain.vocabulary import Direction

from {{ cookiecutter.package_name }}.events import (
    TeamSent,
    WorkDone,
)
from {{ cookiecutter.package_name }}.rules import day_sent


def days_to_work_done(cases: Iterable[ServiceCase]) -> float | None:
    """Return half of the reports' delay, in days, from their sending to the end of the work."""
    ends = ((day_sent(case), case.latest(WorkDone)) for case in cases)
    delays = [(done.done_on - sent_on).days for sent_on, done in ends if sent_on and done]
    return median(delays) if delays else None


def asked_again_share(cases: Iterable[ServiceCase]) -> float | None:
    """Return the share of reports about which an agent had to write before a team could go."""
    asked = [has_contact_before_team(case) for case in cases if case.submitted]
    return sum(asked) / len(asked) if asked else None


def has_contact_before_team(case: ServiceCase) -> bool:
    """Tell whether the authority wrote or called before it sent a team."""
    sent = (moment.version for moment in case.moments if isinstance(moment.service_event, TeamSent))
    before = next(sent, case.version + 1)
    return any(contact.version < before for contact in case.contacts(Direction.OUT))
