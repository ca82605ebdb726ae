"""What follows from an event, by the rules of the service. Pure: a case and an event in, events out."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from labkit.prototype import RequestSubmitted, ServiceCase, ServiceEvent

from {{ cookiecutter.package_name }}.events import (
    Category,
    DangerTold,
    Hazard,
    HazardDescribed,
    ProblemDescribed,
    RepairPlanned,
    ReportMerged,
    ReportSorted,
    Team,
    Urgency,
    WorkDone,
)

ZONE = ZoneInfo("Europe/Paris")
TEAM_OF: Mapping[Category, Team] = {
    "pothole": "roads",
    "street-light": "lighting",
    "rubbish": "cleaning",
    "graffiti": "cleaning",
    "tree": "green-spaces",
    "sign": "roads",
    "water-leak": "water",
    "other": "roads",
}
TEAM_FACING: Mapping[Hazard | None, Team] = {"live-wire": "lighting", "deep-hole": "roads"}
SOON: frozenset[Category] = frozenset({"street-light", "sign", "water-leak"})
DAYS_TO_GO: Mapping[Urgency, int] = {"immediate": 0, "soon": 3, "planned": 15}
DAYS_TO_REPAIR = 30


def follow(case: ServiceCase, event: ServiceEvent) -> Iterable[ServiceEvent]:
    """Return what follows from an event."""
    match event:
        case RequestSubmitted() | ProblemDescribed() | DangerTold() | HazardDescribed():
            return sort_report(case)
        case WorkDone(result="made-safe"):
            return [RepairPlanned(repair_by=event.done_on + timedelta(days=DAYS_TO_REPAIR))]
        case _:
            return ()


def sort_report(case: ServiceCase) -> Iterable[ReportSorted]:
    """Sort a report once it is sent, and again when what it says of the danger changes the urgency."""
    sent_on, problem = day_sent(case), case.latest(ProblemDescribed)
    if sent_on is None or problem is None:
        return ()
    hazard = hazard_of(case)
    urgency = urgency_of(problem.category, hazard)
    team = TEAM_FACING.get(hazard, TEAM_OF[problem.category])
    found = ReportSorted(team=team, urgency=urgency, go_by=sent_on + timedelta(days=DAYS_TO_GO[urgency]))
    return () if found == case.latest(ReportSorted) else (found,)


def urgency_of(category: Category, hazard: Hazard | None) -> Urgency:
    """Return how soon somebody has to go there."""
    match hazard:
        case "live-wire" | "deep-hole" | "falling-object" | "road-blocked":
            return "immediate"
        case "slippery":
            return "soon"
        case None:
            return "soon" if category in SOON else "planned"


def hazard_of(case: ServiceCase) -> Hazard | None:
    """Return the danger that the report tells of; one that was taken back does not count."""
    told = case.latest(HazardDescribed)
    return told.hazard if told and is_dangerous(case) else None


def is_dangerous(case: ServiceCase) -> bool:
    """Tell whether the danger is to be described."""
    told = case.latest(DangerTold)
    return told is not None and told.danger


def goes_on(case: ServiceCase) -> bool:
    """Tell whether a team has to go there for this report; a duplicate is left to the other one."""
    return case.submitted and case.latest(ReportMerged) is None


def day_sent(case: ServiceCase) -> date | None:
    """Return the day on which the report was sent."""
    sent = (moment for moment in case.moments if isinstance(moment.service_event, RequestSubmitted))
    return next((moment.occurred_at.astimezone(ZONE).date() for moment in sent), None)
