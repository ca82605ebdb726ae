"""What follows, by the rules of the allowance (APA). Pure: a case and an event in, events out."""

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from labkit.prototype import ServiceCase, ServiceEvent

from {{ cookiecutter.package_name }}.events import (
    AssessmentMade,
    ConsentGiven,
    HomeDescribed,
    NeedsDescribed,
    OrientationSet,
    Oriented,
    PersonIntroduced,
    PlanProposed,
    VisitPlanned,
)

ZONE = ZoneInfo("Europe/Paris")
OF_AGE_YEARS = 60
LAST_GIR = 4
HOURS_A_MONTH = {1: 70, 2: 55, 3: 40, 4: 25}
ALONE_HOURS = 5


def follow(case: ServiceCase, event: ServiceEvent) -> Iterable[ServiceEvent]:
    """Return what follows from an event."""
    match event:
        case PersonIntroduced():
            return orient(case, "apa" if age(event.born_on, today(case)) >= OF_AGE_YEARS else "mdph")
        case AssessmentMade():
            return [*orient(case, "apa" if event.gir <= LAST_GIR else "pension-fund"), *propose(case, event)]
        case _:
            return ()


def orient(case: ServiceCase, to: Oriented) -> Iterable[OrientationSet]:
    """Say who is to be asked, if that is new; the authority stays the one whom the citizen speaks to."""
    found = OrientationSet(to=to)
    return () if found == case.latest(OrientationSet) else (found,)


def propose(case: ServiceCase, assessed: AssessmentMade) -> Iterable[PlanProposed]:
    """Propose a plan, for the assessor to discuss with the person: nothing is decided by a rule."""
    if assessed.gir > LAST_GIR:
        return ()
    home = case.latest(HomeDescribed)
    alone = home is not None and home.lives_alone
    return [PlanProposed(hours=HOURS_A_MONTH[assessed.gir] + (ALONE_HOURS if alone else 0))]


def age(born_on: date, day: date) -> int:
    """Return somebody’s age in whole years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def today(case: ServiceCase) -> date:
    """Return the day of the last thing that happened, as it is in France."""
    return case.moments[-1].occurred_at.astimezone(ZONE).date()


def is_for_another(case: ServiceCase) -> bool:
    """Tell whether somebody asks for another."""
    introduced = case.latest(PersonIntroduced)
    return introduced is not None and introduced.for_another


def may_visit(case: ServiceCase) -> bool:
    """Tell whether an assessor may come: only with consent."""
    consent = case.latest(ConsentGiven)
    return case.submitted and consent is not None and consent.assessor


def was_visited(case: ServiceCase) -> bool:
    """Tell whether a visit was planned, so that it can be told about."""
    return case.latest(VisitPlanned) is not None


def urgent_share(cases: Iterable[ServiceCase]) -> float | None:
    """Measure how many people come back from hospital: the figure that says how many assessors are wanted."""
    described = [needs for case in cases if (needs := case.latest(NeedsDescribed)) is not None]
    return sum(needs.back_from_hospital for needs in described) / len(described) if described else None
