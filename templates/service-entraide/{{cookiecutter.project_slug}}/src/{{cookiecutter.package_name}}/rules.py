"""What follows from an event, by the charter. Pure: a case and an event in, events out."""

from collections.abc import Iterable
from datetime import timedelta

from labkit.prototype import RequestSubmitted, ServiceCase, ServiceEvent

from {{ cookiecutter.package_name }}.events import (
    HelpDescribed,
    MatchEnded,
    MatchProposed,
    NoticeFlagged,
    NoticePublished,
    NoticeReviewed,
)
from {{ cookiecutter.package_name }}.moderation import grounds_in

DAYS_ON_THE_WALL = 60


def follow(case: ServiceCase, event: ServiceEvent) -> Iterable[ServiceEvent]:
    """Return what follows from an event."""
    match event:
        case RequestSubmitted():
            return flag(case)
        case NoticeReviewed(verdict="published"):
            return [NoticePublished(until=event.reviewed_on + timedelta(days=DAYS_ON_THE_WALL))]
        case _:
            return ()


def flag(case: ServiceCase) -> Iterable[NoticeFlagged]:
    """Flag a notice for the agent who will read it; nothing is refused by a machine."""
    described = case.latest(HelpDescribed)
    grounds = grounds_in(described.words) if described else ()
    return [NoticeFlagged(grounds=grounds)] if grounds else ()


def is_transport(case: ServiceCase) -> bool:
    """Tell whether somebody is to be driven."""
    described = case.latest(HelpDescribed)
    return described is not None and described.kind == "transport"


def is_published(case: ServiceCase) -> bool:
    """Tell whether the notice hangs on the wall."""
    return case.latest(NoticePublished) is not None


def is_matched(case: ServiceCase) -> bool:
    """Tell whether a neighbour was proposed, and nobody told yet how it went."""
    return len(case.every(MatchProposed)) > len(case.every(MatchEnded))


def met_share(cases: Iterable[ServiceCase]) -> float | None:
    """Measure how many of the neighbours brought together did meet."""
    ended = [end.outcome for case in cases for end in case.every(MatchEnded)]
    return ended.count("met") / len(ended) if ended else None
