"""What the experiment counts, and what it refuses to conclude."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from labkit.controls.events import case_opened, service_event_recorded
from labkit.prototype import RequestSubmitted, Service, ServiceCase, ServiceEvent
from labkit.prototype.events import name_of
from labkit.prototype.kit_events import VariantShown
from labkit.prototype.story import Moment
from ledger.domain.identifiers import CaseId
from msgspec.structs import replace

from {{ cookiecutter.package_name }}.experiment import cases_needed, read_experiment
from {{ cookiecutter.package_name }}.intervals import difference, wilson
from {{ cookiecutter.package_name }}.reading import Shown, sort_cases
from {{ cookiecutter.package_name }}.table import lines
from {{ cookiecutter.package_name }}.verdict import conclude, is_even

EXPERIMENT = read_experiment(Path(__file__).parents[1] / "experiment.toml")
FEATURE, NAMES = EXPERIMENT.variants.feature, EXPERIMENT.variants.names
WANTED = EXPERIMENT.sample.cases_per_variant


def a_case(number: int, *events: ServiceEvent) -> ServiceCase:
    """A case to which these events happened."""
    case_id = CaseId(UUID(int=number))
    opened = replace(case_opened(), case_id=case_id)
    moments = [Moment(event=opened)]
    for rank, event in enumerate(events, 2):
        recorded = replace(service_event_recorded(), case_id=case_id, version=rank, name=name_of(event))
        moments.append(Moment(event=recorded, service_event=event))
    return ServiceCase(id=case_id, moments=tuple(moments))


def shown(variant: str) -> VariantShown:
    return VariantShown(feature=FEATURE, variant=variant)


def lived(shares: dict[str, float], count: int, seed: int = 1) -> Shown:
    """As many cases of each variant, sent with these chances."""
    rng = Random(seed)

    def cases() -> Iterator[ServiceCase]:
        for name, share in shares.items():
            for rank in range(count):
                sent = (RequestSubmitted(),) if rng.random() < share else ()
                yield a_case(rank + 1, shown(name), *sent)

    return sort_cases(cases(), FEATURE, shares)


def test_the_file_asks_for_as_many_cases_as_its_difference_needs() -> None:
    measures = EXPERIMENT.measures

    assert cases_needed(measures.expected_share, measures.difference_wanted) <= WANTED
    assert EXPERIMENT.experiment.begins_on < EXPERIMENT.experiment.ends_on


def test_a_case_counts_once_in_the_variant_that_was_drawn() -> None:
    counted = sort_cases([a_case(1, shown(NAMES[0]), RequestSubmitted()), a_case(2)], FEATURE, NAMES)

    assert (len(counted.cases[NAMES[0]]), counted.sent(NAMES[0]), counted.left_out) == (1, 1, 0)


def test_a_case_that_saw_two_variants_or_one_chosen_in_the_lab_is_left_out() -> None:
    two = a_case(1, shown(NAMES[0]), shown(NAMES[1]))
    chosen = a_case(2, replace(shown(NAMES[0]), reason="chosen"))

    assert sort_cases([two, chosen], FEATURE, NAMES).left_out == 2


@pytest.mark.parametrize(("sent", "count", "low", "high"), [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763)])
def test_wilsons_interval_is_the_published_one(sent: int, count: int, low: float, high: float) -> None:
    assert wilson(sent, count) == pytest.approx((low, high), abs=0.001)


def test_the_interval_of_a_difference_is_newcombes() -> None:
    assert difference((48, 80), (56, 70)) == pytest.approx((0.0524, 0.3339), abs=0.001)


def test_too_few_cases_conclude_nothing_however_clear_they_look() -> None:
    few = lived({"today": 0.0, "new": 1.0}, WANTED - 1)

    assert conclude(few, "new", against="today", cases_wanted=WANTED) == "too few"


def test_an_uneven_draw_concludes_nothing() -> None:
    assert is_even([500, 520])
    assert not is_even([500, 700])


def test_two_equal_variants_are_seldom_told_apart() -> None:
    verdicts = [
        conclude(lived({"today": 0.6, "new": 0.6}, 384, seed), "new", against="today", cases_wanted=384)
        for seed in range(20)
    ]

    assert verdicts.count("no difference seen") >= 17


def test_a_clear_difference_is_told() -> None:
    clear = lived({"today": 0.5, "new": 0.7}, 384)

    assert conclude(clear, "new", against="today", cases_wanted=384) == "better"
    assert conclude(clear, "today", against="new", cases_wanted=384) == "worse"


def test_the_table_has_a_line_for_each_variant() -> None:
    printed = list(lines(EXPERIMENT, lived(dict.fromkeys(NAMES, 0.5), 10), Service(pages=())))

    assert len(printed) == len(NAMES) + 2
    assert "too few" in printed[2]
