"""Trials that are kept longer than their participants were told, by what the ledger says of itself, unopened."""

from datetime import datetime, timedelta
from pathlib import Path

from labkit.prerequisites import check_version
from labkit.prototype.events import name_of
from labkit.prototype.kit_events import TrialBegun
from labkit.prototype.trials import KEPT
from ledger.application import ReadOnlyLog
from ledger.domain.events import CaseOpened, CitizenForgotten, ServiceEventRecorded
from ledger.domain.identifiers import CaseId, CitizenRef
from ledger.settings import Settings
from ledger.store.mapper import decode_event

READ_AT_ONCE = 1_000


def overdue_trials(data: Path, now: datetime, *, kept: timedelta = KEPT) -> int:
    """Return how many trials begun that long ago can still be read; without a ledger there are none.

    Raises:
        NewerData, StorageFailed: there is one that cannot be read.
    """
    settings = Settings(data=data)
    if not settings.ledger_file.exists():
        return 0
    check_version(data, settings)
    log = ReadOnlyLog(settings)
    try:
        begun = _begun(log)
    finally:
        log.close()
    return sum(now - at >= kept for at in begun)


def _begun(log: ReadOnlyLog) -> list[datetime]:
    """Return when each trial began whose citizen was not forgotten."""
    citizens: dict[CaseId, CitizenRef | None] = {}
    begun: dict[CaseId, datetime] = {}
    forgotten: set[CitizenRef] = set()
    position, head = 0, log.head()
    while position < head:
        for logged in log.read(position, READ_AT_ONCE):
            position = logged.position
            match decode_event(logged.tag, logged.data):
                case CaseOpened(case_id=case, citizen=citizen):
                    citizens[case] = citizen
                case CitizenForgotten(citizen=citizen):
                    forgotten.add(citizen)
                case ServiceEventRecorded(case_id=case, name=name, occurred_at=at) if name == name_of(TrialBegun):
                    begun[case] = at
                case _:
                    pass
    return [at for case, at in begun.items() if citizens.get(case) not in forgotten]
