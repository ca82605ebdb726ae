"""A recording of what already happened: the events of cases, read back from their ledger. There are no pages in it."""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from labkit.prototype.cases import Cases
from labkit.prototype.project import Project
from labkit.prototype.recording import event_told, header_of
from labkit.prototype.story import Moment, ServiceCase
from labkit.replay.recorded import EventTold, Recording
from labkit.replay.recording_file import ENTRIES_MAX


def exported(project: Project, cases: Cases, references: Iterable[str]) -> Recording:
    """Return the recording of some cases, or of all of them; the first events of them where there are too many.

    Raises:
        UnknownCase: no case of this service has one of the references.
    """
    named = [cases.find(reference) for reference in references] or list(cases.all())
    happened = sorted((at, case.id, moment.version) for case in named for at, moment in _recorded(case))
    header, by_id = header_of(project, cases), {case.id: case for case in named}
    if not happened:
        return Recording(header=header, entries=())
    began = happened[0][0]
    kept: list[EventTold] = []
    for at, case_id, version in happened[:ENTRIES_MAX]:
        case, offset = by_id[case_id], round((at - began).total_seconds(), 3)
        kept.append(event_told(case, case.moments[version - 1], project, offset=offset))
    return Recording(header=replace(header, began_at=began), entries=tuple(kept), full=len(happened) > ENTRIES_MAX)


def _recorded(case: ServiceCase) -> Iterable[tuple[datetime, Moment]]:
    """Yield when each moment was recorded; never before the one before it, even where a clock was set back."""
    latest = case.opened.stamp.recorded_at
    for moment in case.moments:
        latest = max(latest, moment.event.stamp.recorded_at)
        yield latest, moment
