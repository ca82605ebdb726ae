"""Residents live on a running instance until they are told to stop, and forgive what others do there."""

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from labkit.simulate.residents import Life
from labkit.simulate.run import AGENT, simulate
from ledger.domain.case import Case
from ledger.domain.commands import CloseCase
from ledger.domain.events import CaseOpened
from ledger.domain.identifiers import CommandId
from ledger.domain.vocabulary import ClosingReason

if TYPE_CHECKING:
    from tests.lab.conftest import FakeInstance


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Life, "pause_s", lambda _: 0.001)


def a_closing_of(case: Case) -> CloseCase:
    return CloseCase(
        command_id=CommandId(uuid4()), occurred_at=datetime.now(UTC), case_id=case.id, reason=ClosingReason.DUPLICATE
    )


def live(instance: "FakeInstance", seed: int, stop: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=simulate, args=(instance.url, seed, stop))
    thread.start()
    return thread


def lived_until(instance: "FakeInstance", events: int, seed: int = 0) -> None:
    stop = threading.Event()
    thread = live(instance, seed, stop)
    while len(instance.events) < events and thread.is_alive():
        stop.wait(0.01)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.usefixtures("hurried")
def test_an_empty_ledger_first_gets_a_past_and_then_lives_on(instance: "FakeInstance") -> None:
    lived_until(instance, 900)
    assert len(instance.requests) > 10
    assert all(len(request) == 1 for request in instance.requests[5:])
    assert set(instance.agents) == {AGENT}


@pytest.mark.usefixtures("hurried")
def test_a_ledger_that_lived_before_gets_no_second_past(instance: "FakeInstance") -> None:
    lived_until(instance, 800)
    opened = sum(isinstance(event, CaseOpened) for event in instance.events)
    before = len(instance.events)
    lived_until(instance, before + 20)
    assert sum(isinstance(event, CaseOpened) for event in instance.events) - opened < 40


@pytest.mark.usefixtures("hurried")
def test_residents_stop_when_nobody_answers_any_more(instance: "FakeInstance") -> None:
    stop = threading.Event()
    instance.lose_answers = 10_000
    thread = live(instance, 0, stop)
    stop.wait(0.3)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.usefixtures("hurried")
def test_residents_let_cases_go_that_were_closed_at_the_console(instance: "FakeInstance") -> None:
    stop = threading.Event()
    thread = live(instance, 0, stop)
    while len(instance.events) < 800:
        stop.wait(0.01)
    for state in list(instance.states.values()):
        if isinstance(state, Case):
            instance.submit(a_closing_of(state))
    closed_at = len(instance.events)
    while len(instance.events) < closed_at + 100 and thread.is_alive():
        stop.wait(0.01)
    assert thread.is_alive()
    stop.set()
    thread.join(10)
