"""The simulation finds what it is there to find."""

import pytest
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.simulation import planted
from tests.simulation.machine import SIMULATED, Simulation

ENOUGH = 300
SEED = 4
UNTIL_FOUND = settings(SIMULATED, max_examples=ENOUGH, derandomize=False, phases=[Phase.generate])


@pytest.mark.parametrize(
    ("machine", "found"),
    [
        (planted.AcknowledgesBeforeItIsOnDisk, "an acknowledged event is not in the log"),
        (planted.KeepsVerdictsApart, "an acknowledged event is not in the log, or twice|answered otherwise"),
        (planted.PublishesWithoutFence, "the stream is no copy of the log"),
        (planted.KeepsThePositionApart, "a view is not the fold of the log"),
        (planted.ForgetsToDestroyKeys, "a key lives after its fence"),
    ],
)
def test_a_defect_that_was_planted_is_found(machine: type[Simulation], found: str) -> None:
    with pytest.raises(Exception, match=found):
        run_state_machine_as_test(seed(SEED)(machine), settings=UNTIL_FOUND)
