"""The counter's queue on the ledger: tickets taken, called and ended. It keeps no state that a restart would lose.

Who comes first is the ledger's to say. A number is one command identifier of the day, so no two cases get it;
a call is one of the ticket, so no two desks do: the second finds it taken, and goes on to the next.
"""

from contextlib import suppress
from typing import Literal
from uuid import UUID, uuid5

from labkit.prototype.cases import AGENT, Cases
from labkit.prototype.events import name_of
from labkit.prototype.folded import Folded
from labkit.prototype.kit_events import TicketCalled, TicketClosed, TicketTaken
from labkit.prototype.queue import Queue, Ticket, day_of, queue_of, tickets_of
from ledger.domain.errors import CaseIsClosed, CommandIdReused
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel

TICKETS_MAX = 999
_NUMBERS = UUID("5b1f4b0e-6a3b-4d0c-9a52-3f6f3a1c7e11")


class Ticketing:
    """The queue of one counter; every method may be called from several threads and processes."""

    def __init__(self, cases: Cases) -> None:
        """Queue for the service of these cases."""
        self._cases = cases
        self._tickets = Folded(cases, tickets_of)

    def today(self) -> Queue:
        """Return the queue as it stands."""
        today, taken = day_of(self._cases.clock()), name_of(TicketTaken)
        moved = [entry for entry in self._cases.entries() if taken in entry.names and day_of(entry.touched_at) >= today]
        return queue_of(today, (ticket for tickets in self._tickets.of(moved) for ticket in tickets))

    def take(self, case_id: CaseId, prefix: str) -> Ticket | None:
        """Return the ticket with which a case waits, a new one if it has none; `None` if the day has no more."""
        queue = self.today()
        if (mine := queue.of(case_id)) is not None and not mine.ended:
            return mine
        taken = {ticket.number for ticket in queue.tickets}
        numbers = (f"{prefix}{rank:03}" for rank in range(len(taken) + 1, TICKETS_MAX + 1))
        for number in (number for number in numbers if number not in taken):
            with suppress(CommandIdReused):
                event, command_id = TicketTaken(number=number), self._number_id(number)
                self._cases.record(case_id, event, Channel.COUNTER, command_id=command_id)
                return self.today().of(case_id)
        return None

    def call(self, desk: str) -> Ticket | None:
        """Return who is at a desk, calling the next there if it is free; `None` if nobody waits."""
        for _ in range(TICKETS_MAX):
            queue = self.today()
            if (here := queue.at(desk)) is not None or not queue.waiting:
                return here
            first = queue.waiting[0]
            with suppress(CaseIsClosed):
                self._record("call", first, TicketCalled(number=first.number, desk=desk))
        return None

    def end(self, ticket: Ticket, outcome: Literal["received", "absent"]) -> None:
        """Let a ticket end: its holder was received, or is not there."""
        self._record("end", ticket, TicketClosed(number=ticket.number, outcome=outcome))

    def _record(self, act: str, ticket: Ticket, event: TicketCalled | TicketClosed) -> None:
        self._cases.record(ticket.case_id, event, Channel.COUNTER, by=AGENT, command_id=once(act, ticket))

    def _number_id(self, number: str) -> UUID:
        offer, today = self._cases.offer, day_of(self._cases.clock())
        return uuid5(_NUMBERS, f"{offer.authority} {offer.service} {today} {number}")


def once(act: str, ticket: Ticket) -> UUID:
    """Return the identifier of an act that happens once to a ticket."""
    return uuid5(ticket.case_id, f"{act} {ticket.day} {ticket.number}")
