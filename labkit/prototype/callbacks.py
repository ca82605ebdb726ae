"""The call-backs that were promised on the telephone and are still due, folded from the contacts of the cases. Pure.

As in the ledger's own inbox: any later outgoing contact keeps a promise, and so does an act that answers (documents
requested, decision, closing). Nothing personal is kept here: whom to call is read from the case when it is opened.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

from msgspec import Struct

from labkit.prototype.story import ServiceCase
from ledger.domain.events import (
    CaseClosed,
    CaseDecided,
    CaseEvent,
    DocumentsRequested,
    EmailMessage,
    InteractionRecorded,
    PhoneCall,
)
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Direction


class CallBack(Struct, frozen=True, kw_only=True):
    """A promise to call somebody back about a case, and by when."""

    case_id: CaseId
    reference: str
    promised_at: datetime
    due: datetime

    @property
    def call_id(self) -> UUID:
        """Return the identifier of the call that keeps it: whoever makes it, it is told once."""
        return uuid5(self.case_id, f"call back {self.promised_at.isoformat()} {self.due.isoformat()}")

    def is_late(self, moment: datetime) -> bool:
        """Tell whether the promise was not kept in time."""
        return moment > self.due


def call_back_of(case: ServiceCase) -> CallBack | None:
    """Return the promise of a case that is due first, if one is."""
    promises: list[CallBack] = []
    for moment in case.moments:
        if _answers(moment.event):
            promises.clear()
        match moment.event:
            case InteractionRecorded(particulars=PhoneCall(call_back_by=datetime() as due), occurred_at=at):
                promises.append(CallBack(case_id=case.id, reference=case.reference, promised_at=at, due=due))
    return min(promises, key=lambda promise: promise.due, default=None)


def soonest_first(promises: Iterable[CallBack | None]) -> list[CallBack]:
    """Return the promises that there are, the first to be kept first."""
    return sorted(filter(None, promises), key=lambda promise: (promise.due, promise.reference))


def _answers(event: CaseEvent) -> bool:
    match event:
        case InteractionRecorded(direction=Direction.OUT, particulars=particulars):
            return not (isinstance(particulars, EmailMessage) and particulars.automatic)
        case DocumentsRequested() | CaseDecided() | CaseClosed():
            return True
        case _:
            return False
