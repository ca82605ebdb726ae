"""One seed drives writers, relays and projector through crashes between every two effects; nothing is lost."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.simulation.machine import SIMULATED, InMemory, OnSqlite, Simulation


@pytest.mark.parametrize("machine", [InMemory, OnSqlite])
def test_log_stream_views_and_keys_agree_whatever_ends_between_two_effects(machine: type[Simulation]) -> None:
    run_state_machine_as_test(machine, settings=SIMULATED)
