"""Today's queue at the counter, folded from the tickets taken, called and ended on the cases. Pure.

Numbers begin again every day. A ticket is called to one desk, once; it ends there, or with its case.
"""

from collections.abc import Iterable
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from labkit.prototype.kit_events import TicketCalled, TicketClosed, TicketTaken
from labkit.prototype.story import Moment, ServiceCase
from labkit.prototype.texts import ZONE
from ledger.domain.events import CaseClosed
from ledger.domain.identifiers import CaseId

MINUTE_S = 60


class Ticket(Struct, frozen=True, kw_only=True):
    """One number of one day, and the case that it stands for."""

    case_id: CaseId
    reference: str
    number: str
    taken_at: datetime
    desk: str = ""
    called_at: datetime | None = None
    ended: bool = False

    @property
    def day(self) -> date:
        """Return the day of its queue."""
        return day_of(self.taken_at)

    @property
    def is_waiting(self) -> bool:
        """Tell whether nobody has called it yet."""
        return not self.desk and not self.ended

    @property
    def is_at_a_desk(self) -> bool:
        """Tell whether its holder stands at a desk, or is on the way there."""
        return self.desk != "" and not self.ended

    def minutes_until(self, moment: datetime) -> int:
        """Return for how long its holder has waited, in whole minutes."""
        return max(0, int((moment - self.taken_at).total_seconds()) // MINUTE_S)


class Queue(Struct, frozen=True):
    """All tickets of one day, in the order in which they were taken."""

    tickets: tuple[Ticket, ...] = ()

    @property
    def waiting(self) -> tuple[Ticket, ...]:
        """Return who waits, the first to be called first."""
        return tuple(ticket for ticket in self.tickets if ticket.is_waiting)

    @property
    def called(self) -> tuple[Ticket, ...]:
        """Return who is at the desks, the last called first."""
        called = (ticket for ticket in self.tickets if ticket.is_at_a_desk)
        return tuple(sorted(called, key=lambda ticket: ticket.called_at or ticket.taken_at, reverse=True))

    def at(self, desk: str) -> Ticket | None:
        """Return who is at a desk."""
        return next((ticket for ticket in self.called if ticket.desk == desk), None)

    def of(self, case_id: CaseId) -> Ticket | None:
        """Return the last ticket of a case."""
        return next((ticket for ticket in reversed(self.tickets) if ticket.case_id == case_id), None)

    def before(self, ticket: Ticket) -> int:
        """Return how many are called before a ticket."""
        return next((rank for rank, each in enumerate(self.waiting) if each == ticket), 0)


def day_of(moment: datetime) -> date:
    """Return the day that it is in France."""
    return moment.astimezone(ZONE).date()


def queue_of(day: date, tickets: Iterable[Ticket]) -> Queue:
    """Return the queue of one day from the tickets of any."""
    of_the_day = (ticket for ticket in tickets if ticket.day == day)
    return Queue(tuple(sorted(of_the_day, key=lambda ticket: (ticket.taken_at, ticket.number))))


def tickets_of(case: ServiceCase) -> tuple[Ticket, ...]:
    """Return the tickets of one case, of all days, the oldest first."""
    tickets: tuple[Ticket, ...] = ()
    for moment in case.moments:
        tickets = tuple(_after(ticket, moment) for ticket in tickets)
        if isinstance(moment.service_event, TicketTaken):
            taken = Ticket(
                case_id=case.id,
                reference=case.reference,
                number=moment.service_event.number,
                taken_at=moment.occurred_at,
            )
            tickets = (*tickets, taken)
    return tickets


def _after(ticket: Ticket, moment: Moment) -> Ticket:
    if ticket.ended:
        return ticket
    if isinstance(moment.event, CaseClosed):
        return replace(ticket, ended=True)
    match moment.service_event:
        case TicketCalled(number=number, desk=desk) if number == ticket.number and ticket.is_waiting:
            return replace(ticket, desk=desk, called_at=moment.occurred_at)
        case TicketClosed(number=number) if number == ticket.number:
            return replace(ticket, ended=True)
        case _:
            return ticket
