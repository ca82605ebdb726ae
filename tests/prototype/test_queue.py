"""The counter's queue: numbers of the day in order, each called to one desk however many agents call at once."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from labkit.prototype.cases import Cases
from labkit.prototype.failures import UnknownCase
from labkit.prototype.kit_events import TicketCalled, TicketClosed, TicketTaken
from labkit.prototype.project import Project
from labkit.prototype.queue import Ticket, queue_of, tickets_of
from labkit.prototype.story import ServiceCase
from labkit.prototype.ticketing import Ticketing
from labkit.prototype.trying import Trial
from ledger.application import CaseLedger
from ledger.domain.identifiers import CaseId
from ledger.domain.vocabulary import Channel
from ledger.settings import Settings
from tests.prototype.rooms import at, at_once

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DESKS = ("Guichet 1", "Guichet 2", "Guichet 3")


@pytest.fixture
def ticketing(trial: Trial) -> Ticketing:
    return Ticketing(trial.cases)


def waiting(trial: Trial, ticketing: Ticketing, count: int) -> list[Ticket]:
    """New cases with a ticket each."""
    taken = [ticketing.take(trial.begin(Channel.COUNTER).id, "A") for _ in range(count)]
    return [ticket for ticket in taken if ticket is not None]


def state(case: ServiceCase, version: int) -> str:
    """How the ticket of a case stood after its first events."""
    for ticket in tickets_of(case.until(version)):
        return "waiting" if ticket.is_waiting else "called" if ticket.is_at_a_desk else "ended"
    return "none"


def numbers(tickets: tuple[Ticket, ...] | list[Ticket]) -> list[str]:
    return [ticket.number for ticket in tickets]


def test_numbers_follow_each_other_under_the_prefix(trial: Trial, ticketing: Ticketing) -> None:
    assert numbers(waiting(trial, ticketing, 3)) == ["A001", "A002", "A003"]


def test_numbers_begin_again_the_next_day(trial: Trial, ticketing: Ticketing) -> None:
    at(trial, MORNING)
    (yesterday,) = waiting(trial, ticketing, 1)

    at(trial, MORNING + timedelta(days=1))
    (today,) = waiting(trial, ticketing, 1)

    assert yesterday.number == today.number == "A001"
    assert ticketing.today().tickets == (today,)


def test_the_day_is_the_one_in_france(trial: Trial, ticketing: Ticketing) -> None:
    at(trial, datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    early = waiting(trial, ticketing, 1)

    at(trial, MORNING)

    assert numbers(ticketing.today().waiting) == numbers(early)


def test_a_case_that_waits_keeps_its_ticket(trial: Trial, ticketing: Ticketing) -> None:
    case = trial.begin()

    first, again = ticketing.take(case.id, "A"), ticketing.take(case.id, "A")

    assert first == again
    assert len(trial.cases.get(case.id).every(TicketTaken)) == 1


def test_a_case_that_was_received_may_come_back_the_same_day(trial: Trial, ticketing: Ticketing) -> None:
    (ticket,) = waiting(trial, ticketing, 1)
    ticketing.call(DESKS[0])
    ticketing.end(ticket, "received")

    back = ticketing.take(ticket.case_id, "A")

    assert back is not None
    assert back.number == "A002"
    assert ticketing.today().waiting == (back,)


def test_who_came_first_is_called_first(trial: Trial, ticketing: Ticketing) -> None:
    tickets = waiting(trial, ticketing, 3)

    called = [ticketing.call(desk) for desk in DESKS]

    assert [ticket.number for ticket in called if ticket] == numbers(tickets)
    assert ticketing.today().waiting == ()


def test_a_desk_calls_nobody_else_before_its_citizen_is_gone(trial: Trial, ticketing: Ticketing) -> None:
    first, second = waiting(trial, ticketing, 2)

    called = [ticketing.call(DESKS[0]) for _ in range(2)]
    ticketing.end(first, "absent")
    then = ticketing.call(DESKS[0])

    assert [ticket.number for ticket in called if ticket] == [first.number, first.number]
    assert then is not None
    assert then.number == second.number


def test_nobody_is_called_when_nobody_waits(ticketing: Ticketing) -> None:
    assert ticketing.call(DESKS[0]) is None


def test_two_agents_who_call_at_once_never_call_the_same_ticket(trial: Trial, ticketing: Ticketing) -> None:
    desks = [f"Guichet {rank}" for rank in range(1, 7)]
    tickets = waiting(trial, ticketing, 5)

    # Each agent has a memory of its own, as two processes would.
    called = at_once([partial(Ticketing(trial.cases).call, desk) for desk in desks])

    found = sorted(ticket.number for ticket in called if ticket)
    assert found == numbers(tickets)
    assert called.count(None) == 1
    for ticket in tickets:
        assert len(trial.cases.get(ticket.case_id).every(TicketCalled)) == 1


def test_one_desk_that_calls_twice_at_once_calls_one_ticket(trial: Trial, ticketing: Ticketing) -> None:
    first, second = waiting(trial, ticketing, 2)

    called = at_once([lambda: Ticketing(trial.cases).call(DESKS[0])] * 4)

    assert {ticket.number for ticket in called} == {first.number}
    assert ticketing.today().waiting == (second,)


def test_people_who_take_a_ticket_at_once_get_a_number_each(trial: Trial) -> None:
    cases = [trial.begin(Channel.COUNTER) for _ in range(8)]

    taken = at_once([partial(Ticketing(trial.cases).take, case.id, "A") for case in cases])

    assert sorted(numbers(taken)) == [f"A{rank:03}" for rank in range(1, 9)]


def test_one_case_that_takes_a_ticket_twice_at_once_has_one(trial: Trial) -> None:
    case = trial.begin(Channel.COUNTER)

    taken = at_once([lambda: Ticketing(trial.cases).take(case.id, "A")] * 4)

    assert len(set(numbers(taken))) == 1
    assert len(trial.cases.get(case.id).every(TicketTaken)) == 1


def test_a_number_that_somebody_else_recorded_is_not_given_again(trial: Trial, ticketing: Ticketing) -> None:
    trial.cases.record(trial.begin().id, TicketTaken(number="A002"), Channel.COUNTER)

    assert numbers(waiting(trial, ticketing, 2)) == ["A003", "A004"]


def test_a_day_has_so_many_numbers_and_no_more(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labkit.prototype.ticketing.TICKETS_MAX", 2)
    ticketing = Ticketing(trial.cases)

    assert numbers(waiting(trial, ticketing, 3)) == ["A001", "A002"]


def test_the_queue_is_the_same_after_a_restart(project: Path, tmp_path: Path) -> None:
    told = Project(project)
    settings = Settings(data=tmp_path)
    with CaseLedger(settings) as ledger:
        cases = Cases(ledger, told.service(), told.offer())
        cases.publish()
        before = Ticketing(cases)
        for _ in range(3):
            before.take(cases.open(Channel.COUNTER).id, "A")
        before.call(DESKS[1])
        queue = before.today()

    with CaseLedger(settings) as ledger:
        after = Ticketing(Cases(ledger, told.service(), told.offer()))

        assert after.today() == queue
        assert after.today().at(DESKS[1]) == queue.tickets[0]


def test_a_closed_case_leaves_the_queue_and_the_others_are_called(trial: Trial, ticketing: Ticketing) -> None:
    first, second = waiting(trial, ticketing, 2)
    trial.cases.close(first.case_id)

    called = ticketing.call(DESKS[0])

    assert called is not None
    assert called.number == second.number


def test_a_desk_is_free_again_when_the_case_at_it_is_closed(trial: Trial, ticketing: Ticketing) -> None:
    (ticket,) = waiting(trial, ticketing, 1)
    ticketing.call(DESKS[0])

    trial.cases.close(ticket.case_id)
    trial.cases.reopen(ticket.case_id)

    assert ticketing.today().at(DESKS[0]) is None
    assert ticketing.today().waiting == ()


def test_nobody_s_ticket_is_taken_for_a_case_that_is_not_there(ticketing: Ticketing) -> None:
    with pytest.raises(UnknownCase):
        ticketing.take(CaseId(uuid4()), "A")


def test_a_call_of_another_number_or_of_an_ended_ticket_changes_nothing(trial: Trial) -> None:
    case = trial.begin()
    told = (
        TicketTaken(number="A001"),
        TicketCalled(number="A009", desk="Guichet 9"),
        TicketClosed(number="A009", outcome="absent"),
        TicketCalled(number="A001", desk="Guichet 1"),
        TicketCalled(number="A001", desk="Guichet 2"),
        TicketClosed(number="A001", outcome="received"),
        TicketCalled(number="A001", desk="Guichet 3"),
    )
    for event in told:
        case = trial.cases.record(case.id, event, Channel.COUNTER)

    (ticket,) = tickets_of(case)

    assert (ticket.desk, ticket.ended) == ("Guichet 1", True)
    assert [state(case, version) for version in range(2, 10)] == [
        *("none", "waiting", "waiting", "waiting", "called", "called", "ended", "ended"),
    ]


def test_how_many_are_before_and_for_how_long_one_waits(trial: Trial, ticketing: Ticketing) -> None:
    at(trial, MORNING)
    tickets = waiting(trial, ticketing, 3)
    queue = ticketing.today()

    assert [queue.before(ticket) for ticket in tickets] == [0, 1, 2]
    assert tickets[0].minutes_until(MORNING + timedelta(minutes=7, seconds=59)) == 7
    assert tickets[0].minutes_until(MORNING - timedelta(minutes=1)) == 0


def test_the_queue_is_told_in_the_order_of_arrival_whatever_the_order_of_the_cases(
    trial: Trial, ticketing: Ticketing
) -> None:
    tickets = []
    for minute in range(3):
        at(trial, MORNING + timedelta(minutes=minute))
        tickets += waiting(trial, ticketing, 1)

    assert queue_of(MORNING.date(), reversed(tickets)).tickets == tuple(tickets)
