"""What Hypothesis may do to a world: every rule is one step of one process, or one misfortune."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.simulation.effects import Kind
from tests.simulation.storage import Disk, MemoryDisk, SqliteDisk
from tests.simulation.stream import Weather
from tests.simulation.town import CASES, KINDS, Wish
from tests.simulation.world import World

EXAMPLES = int(os.environ.get("SIMULATION_EXAMPLES", "10"))
SIMULATED = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    # The default session is to say the same of the same code; the soak looks further.
    derandomize="SIMULATION_EXAMPLES" not in os.environ,
    database=None,
    print_blob=True,
)
FAST = Path("/dev/shm")  # noqa: S108  # a crash is simulated above the file system: nothing here needs a disk

wishes = st.builds(Wish, st.sampled_from(KINDS), st.integers(0, CASES - 1), st.integers(0, 5))
faults = st.tuples(st.integers(0, 7), st.sampled_from(Kind))
batches = st.lists(wishes, min_size=1, max_size=5)
clocks = st.integers(-5_000, 5_000)
two = st.integers(0, 1)


class Simulation(RuleBasedStateMachine):
    """One ledger on one disk; a subclass chooses which, and may plant a defect."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory(prefix="simulation-", dir=FAST if FAST.is_dir() else None)

    @initialize()
    def begin(self) -> None:
        home = Path(self._folder.name)
        self.world = self.new_world(home, self.new_disk(home))

    def new_disk(self, home: Path) -> Disk:
        return MemoryDisk(home)

    def new_world(self, home: Path, disk: Disk) -> World:
        return World(home, disk)

    @rule(batch=batches, clock_s=clocks, writer=two)
    def commands_come(self, batch: list[Wish], clock_s: int, writer: int) -> None:
        self.world.ask([wish.asked(clock_s) for wish in batch], writer=writer)

    @rule(batch=batches, clock_s=clocks, writer=two, fault=faults, repeated_by=st.none() | two)
    def a_writer_fails(
        self, batch: list[Wish], clock_s: int, writer: int, fault: tuple[int, Kind], repeated_by: int | None
    ) -> None:
        self.world.ask([wish.asked(clock_s) for wish in batch], writer=writer, fault=fault)
        if repeated_by is not None:
            self.world.repeat(writer=repeated_by)

    @rule(writer=two)
    def clients_repeat(self, writer: int) -> None:
        self.world.repeat(writer=writer)

    @rule(which=two, weather=st.sampled_from(Weather))
    def a_relay_takes_a_step(self, which: int, weather: Weather) -> None:
        self.world.relay(which, weather)

    @rule(which=two)
    def a_relay_goes_on(self, which: int) -> None:
        for _ in range(3):
            self.world.relay(which, Weather.FAIR)

    @rule(size=st.integers(1, 6), fault=st.none() | st.integers(0, 12))
    def the_projector_folds_a_page(self, size: int, fault: int | None) -> None:
        self.world.project(size, fault)

    @rule(which=two, batch_size=st.integers(1, 7))
    def a_relay_ends(self, which: int, batch_size: int) -> None:
        self.world.end_relay(which, batch_size)

    @rule(which=two)
    def a_writer_ends(self, which: int) -> None:
        self.world.end_writer(which)

    @rule()
    def what_was_under_way_arrives(self) -> None:
        self.world.stream.deliver()

    @precondition(lambda self: not self.world.is_forked)
    @rule(count=st.integers(1, 9))
    def the_stream_loses_its_tail(self, count: int) -> None:
        self.world.stream.lose(count)

    @rule()
    def the_views_are_synced(self) -> None:
        self.world.projector.copy()

    @rule()
    def the_power_is_cut(self) -> None:
        self.world.cut_power()

    @rule()
    def the_ledger_is_copied(self) -> None:
        self.world.copy()

    @invariant()
    def everything_holds(self) -> None:
        if hasattr(self, "world"):
            self.world.check()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()
        self._folder.cleanup()


class SimulationWithRestores(Simulation):
    """Also brings back an older ledger, to which the stream, the keys and the views then do not belong."""

    @rule()
    def an_older_ledger_is_restored(self) -> None:
        self.world.stream.deliver()
        self.world.restore()

    @precondition(lambda self: self.world.is_forked)
    @rule()
    def an_operator_begins_an_epoch(self) -> None:
        self.world.begin_epoch()


class InMemory(SimulationWithRestores):
    """On the disk of every simulation."""


class OnSqlite(SimulationWithRestores):
    """On the ledger's own file format."""

    def new_disk(self, home: Path) -> Disk:
        return SqliteDisk(home)
