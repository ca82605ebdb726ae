"""The real log of a municipality, imported into a running instance: the figures must be those counted in the file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import RunningInstance, ledger_events, running_instance

REAL_LOG = Path(__file__).parents[2].parent / "shared" / "data" / "receipt.xes.gz"
CASES, STEPS, CLOSED, OPEN, LATE = 1_434, 8_577, 1_329, 105, 377
EVENTS = 2 + 2 * CASES + STEPS + CLOSED
COMMANDS = 2 + CASES + STEPS + CLOSED
SUMS = {
    "cases": CASES,
    "interactions": CASES,
    "steps": STEPS,
    "open": OPEN,
    "closed": CLOSED,
    "late": LATE,
    "overdue": OPEN,
}
CASES_AND_STEPS = {
    "web": (1_250, 7_478),
    "counter": (109, 657),
    "post": (53, 308),
    "email": (21, 128),
    "internal": (1, 6),
}
MEDIAN_HOURS = {"web": 0.524, "email": 0.579, "counter": 18.755, "internal": 23.260, "post": 97.363}
MEDIAN_HOURS_OF_ALL = 0.0332 * 24
CASES_BY_DEPARTMENT = {"General": 1_390, "Customer contact": 29, "Experts": 15}
LONGEST_CASE, ITS_STEPS = "case-9289", 25

pytestmark = pytest.mark.skipif(not REAL_LOG.exists(), reason="the real log is not at ../shared/data/receipt.xes.gz")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstance]:
    """An instance into which the log was imported once; what the tests do changes nothing."""
    with running_instance(tmp_path_factory.mktemp("real") / "data") as running:
        assert imported(running) == {"cases": CASES, "accepted": COMMANDS, "unchanged": 0, "refused": 0}
        running.wait_until_views_reach(EVENTS)
        yield running


def imported(running: RunningInstance) -> dict[str, int]:
    ended = running.labkit("import", "xes", str(REAL_LOG), "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["position"] == EVENTS
    return {name: told[name] for name in ("cases", "accepted", "unchanged", "refused")}


def rebuilt(running: RunningInstance, *arguments: str) -> dict[str, tuple[int, bool]]:
    ended = running.labkit("rebuild", *arguments, "--json")
    assert ended.returncode == 0, ended.stderr
    return {view["name"]: (view["position"], view["identical"]) for view in json.loads(ended.stdout)}


def overview(running: RunningInstance) -> dict[str, Any]:
    figures: dict[str, Any] = running.get(f"/views/overview?at_least={EVENTS}").json
    return figures


def assert_the_figures_of_the_file(figures: dict[str, Any]) -> None:
    channels = {row["channel"]: row for row in figures["channels"]}
    assert figures["position"] == EVENTS
    assert {name: figures[name] for name in SUMS} == SUMS
    assert {name: (row["cases"], row["steps"]) for name, row in channels.items() if row["cases"]} == CASES_AND_STEPS
    assert {name: channels[name]["median_hours"] for name in MEDIAN_HOURS} == pytest.approx(MEDIAN_HOURS, abs=0.001)
    assert figures["median_hours"] == pytest.approx(MEDIAN_HOURS_OF_ALL, abs=0.002)
    assert {row["unit"]: row["cases"] for row in figures["units"] if row["cases"]} == CASES_BY_DEPARTMENT


def test_the_overview_says_what_was_counted_in_the_file(instance: RunningInstance) -> None:
    assert_the_figures_of_the_file(overview(instance))


def test_importing_again_changes_nothing(instance: RunningInstance) -> None:
    before = ledger_events(instance.data)

    again = imported(instance)

    assert again == {"cases": CASES, "accepted": 0, "unchanged": COMMANDS, "refused": 0}
    assert ledger_events(instance.data) == before
    assert_the_figures_of_the_file(overview(instance))


def test_every_view_rebuilt_from_the_log_is_the_live_one(instance: RunningInstance) -> None:
    views = [view["name"] for view in instance.get("/views").json]

    assert rebuilt(instance, "--all") == dict.fromkeys(views, (EVENTS, True))

    assert_the_figures_of_the_file(overview(instance))


def test_the_overview_rebuilt_from_the_stream_is_the_live_one(instance: RunningInstance) -> None:
    assert rebuilt(instance, "overview", "--from", "stream") == {"overview": (EVENTS, True)}

    assert_the_figures_of_the_file(overview(instance))


def test_the_stream_ends_where_the_ledger_does(instance: RunningInstance) -> None:
    status = instance.get("/status").json

    assert status["ledger"] == {"position": EVENTS}
    assert status["stream"] == {"position": EVENTS, "reachable": True}
    assert [position for position, _ in ledger_events(instance.data)] == list(range(1, EVENTS + 1))


def test_the_longest_case_tells_all_its_steps(instance: RunningInstance) -> None:
    told = json.loads(instance.labkit("history", LONGEST_CASE, "--json").stdout)

    assert [row["event"] for row in told["rows"]].count("step-recorded.v1") == ITS_STEPS
