import pytest

from bench.catalogue import Language
from bench.page import DOCS, FILE, LANGUAGES
from bench.results import Results, read_results
from bench.sizing.assumptions import Scenario, assumptions
from bench.sizing.footprint import Footprint, measured_footprint
from bench.sizing.inhabitants import inhabitants_by, inhabitants_of
from bench.sizing.limits import SPEEDS, Machine
from bench.sizing.page import PAGES, filled, picture, read_footprint
from bench.sizing.picture import drawn
from bench.sizing.sizes import cores, memory_gb
from bench.sizing.words import amount, count, lasting, percent

AGAIN = "run `python -m bench.sizing` again, and read the pages: the sentences around the tables must still be true"
LOW, MIDDLE, HIGH = assumptions().scenario
PLACES = [inhabitants_of(place) for place in assumptions().place]
WEIGHED = Footprint(
    events=100, citizens=10, text_characters=300, ledger=1000, keys=100, stream=900, views=1500, backup=1100
)


def a_machine(**speeds: float) -> Machine:
    results = Results(rounds=1, seconds=1.0, conditions={"cpu": "2 × some"})
    for row, value in speeds.items():
        results.add(row.replace("_", "-"), {"value": value, "memory_mb": 400})
    return Machine(assumed=assumptions(), footprint=WEIGHED, results=results)


def a_measured_machine() -> Machine:
    return a_machine(http_ours=5_000, append_ledger_64=20_000, relay_ours=20_000, views_all=10_000, memory=350)


@pytest.fixture(scope="module")
def published() -> Machine:
    return Machine(assumed=assumptions(), footprint=read_footprint(), results=read_results(DOCS / FILE))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_the_pages_say_what_the_arithmetic_says(name: str, language: Language, published: Machine) -> None:
    page = (DOCS / language / name).read_text(encoding="utf-8")
    assert filled(page, published, language) == page, AGAIN


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_shows_what_the_arithmetic_says(language: Language, published: Machine) -> None:
    assert picture(language).read_text(encoding="utf-8") == drawn(published, language), AGAIN


def test_speed_is_never_what_is_met_first_as_the_page_says(published: Machine) -> None:
    first = [published.first_limit(scenario) for scenario in (MIDDLE, HIGH)]
    assert {met[0] for met in first if met} <= {"restore", "disk"}, AGAIN


def test_a_departement_leaves_the_machine_idle_half_of_the_time_as_the_page_says(published: Machine) -> None:
    used = [published.used_by_one(limit, HIGH) for limit in SPEEDS]
    assert all(one * PLACES[2] < 1 for one in used if one is not None), AGAIN


def test_each_place_lies_within_the_next() -> None:
    assert sorted(PLACES) == PLACES
    assert PLACES[-1] == sum(inhabitants_by(assumptions().cut[0]))


def test_every_scenario_lies_within_the_public_counts() -> None:
    counts = [source.contacts / source.people for source in assumptions().source]
    assert all(min(counts) <= scenario.contacts_a_year <= max(counts) + 1 for scenario in (LOW, MIDDLE, HIGH))


def test_a_day_of_contacts_falls_on_working_hours() -> None:
    middle = a_machine().demand(MIDDLE)
    assert middle.contacts_a_day == 5 / 250
    assert middle.events_at_peak == pytest.approx(5 / 250 / 8 / 3600 * 4 * 5)
    assert middle.events_kept == 5 * 4 * 10


def test_what_was_not_measured_has_no_answer() -> None:
    nothing = a_machine()
    assert [nothing.carried(limit, MIDDLE) for limit in ("http", "append", "relay", "views", "restore")] == [None] * 5
    assert nothing.first_limit(MIDDLE) is None
    assert cores(nothing, 1e6, HIGH) is memory_gb(nothing, 1e6, HIGH) is None


def test_the_disk_carries_as_many_as_fit() -> None:
    machine = a_machine()
    assert machine.bytes_an_event() == 1000 + 100 + 900 + 2 * 1500
    assert machine.carried("disk", MIDDLE) == pytest.approx(1e12 / (200 * 5000))


def test_restoring_is_the_copy_the_stream_and_the_views_one_after_the_other() -> None:
    assert a_measured_machine().restoring_an_event_s() == pytest.approx(1100 / 1e8 + 1 / 20_000 + 1 / 10_000)


def test_a_speed_told_as_a_duration_is_that_of_so_many_events() -> None:
    machine = a_machine()
    machine.results.add("views-all", {"value": 50.0, "events": 1_000_000})
    assert machine.speed("views") == 20_000


@pytest.mark.parametrize("scenario", [LOW, MIDDLE, HIGH], ids=lambda scenario: scenario.name)
def test_the_first_limit_carries_the_fewest(scenario: Scenario) -> None:
    machine = a_measured_machine()
    first = machine.first_limit(scenario)
    assert first
    assert first[1] == min(machine.carried(limit, scenario) or 0 for limit in ("http", "restore", "disk"))


def test_more_people_need_no_fewer_cores_and_no_less_memory() -> None:
    machine = a_measured_machine()
    needed = [(cores(machine, people, HIGH), memory_gb(machine, people, HIGH)) for people in (1e3, 1e6, 1e8)]
    assert needed[0] == (2, 2)
    assert needed == sorted(needed)


def test_figures_are_written_as_people_do() -> None:
    assert [count(0.001, "en"), count(1_230_000, "fr"), count(None, "en")] == [
        "<\u00a00.01",
        "1,23\u00a0M",
        "not measured yet",
    ]
    assert [amount(999, "fr"), amount(1_500_000, "en")] == ["999\u00a0o", "1.50\u00a0MB"]
    assert [lasting(90, "en"), lasting(9_000, "fr"), lasting(400_000, "en")] == [
        "90\u00a0s",
        "2,5\u00a0h",
        "4.6\u00a0days",
    ]
    assert [percent(0.001, "en"), percent(0.5, "en"), percent(2, "en")] == [
        "<\u00a01\u00a0%",
        "50\u00a0%",
        "**200\u00a0%**",
    ]


def test_an_event_is_weighed_in_all_that_holds_it() -> None:
    weighed = measured_footprint(300, cases=50)
    assert weighed.events == 50 * 8 + 2
    assert min(weighed.ledger, weighed.keys, weighed.stream, weighed.views, weighed.backup) > 0
