"""What several decisions about a case ask first, and the fields that all of its events share."""

from datetime import timedelta
from typing import TypedDict

from ledger.domain.case import Case
from ledger.domain.commands import CaseCommand
from ledger.domain.errors import CaseIsClosed, InteractionIdTaken, OccurredInTheFuture, ParticularsDoNotFit
from ledger.domain.events import LedgerEvent, Particulars, Stamp
from ledger.domain.identifiers import CaseId, InteractionId, Moment
from ledger.domain.vocabulary import CaseStatus, Channel

CLOCK_TOLERANCE = timedelta(minutes=5)
Events = tuple[LedgerEvent, ...]


class Header(TypedDict):
    """The fields that every event of a case takes from its command, its case and its stamp."""

    case_id: CaseId
    version: int
    occurred_at: Moment
    stamp: Stamp


def header(command: CaseCommand, stamp: Stamp, *, version: int) -> Header:
    """Return the shared fields of the event that will be this version of the case."""
    return {
        "case_id": command.case_id,
        "version": version,
        "occurred_at": command.occurred_at,
        "stamp": stamp,
    }


def check_happened(moment: Moment, stamp: Stamp) -> None:
    """Refuse what is still to come; clocks of the field may be a little ahead."""
    if moment - stamp.recorded_at > CLOCK_TOLERANCE:
        raise OccurredInTheFuture(
            occurred_at=moment.isoformat(),
            recorded_at=stamp.recorded_at.isoformat(timespec="seconds"),
            tolerance_minutes=str(CLOCK_TOLERANCE // timedelta(minutes=1)),
        )


def check_open(case: Case) -> None:
    """Refuse to add anything to a closed case."""
    if case.status is CaseStatus.CLOSED:
        raise CaseIsClosed(case_id=str(case.id))


def check_unused(case: Case, interaction_id: InteractionId) -> None:
    """Refuse the identifier of another contact: two contacts under one name could not be told apart."""
    if interaction_id in case.interaction_ids:
        raise InteractionIdTaken(case_id=str(case.id), interaction_id=str(interaction_id))


def channel_of(particulars: Particulars | None) -> Channel | None:
    """Return the channel that particulars belong to."""
    return Channel(str(particulars.__struct_config__.tag)) if particulars else None


def check_particulars(particulars: Particulars | None, channel: Channel) -> None:
    """Refuse the particulars of one channel for a contact on another."""
    given = channel_of(particulars)
    if given not in {None, channel}:
        raise ParticularsDoNotFit(given=str(given), channel=channel.value)
